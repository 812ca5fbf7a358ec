package dev.shardwright.ring;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Optional;

/** The token function of each strategy and key type. */
public final class TokenFunctions {
  private static final TokenFunction SINGLE = new SingleToken();
  private static final TokenFunction SMALLINT_HASH = new IntegralHash(IntegralKey.SMALLINT);
  private static final TokenFunction INTEGER_HASH = new IntegralHash(IntegralKey.INTEGER);
  private static final TokenFunction BIGINT_HASH = new IntegralHash(IntegralKey.BIGINT);
  private static final TokenFunction TEXT_HASH = new TextHash();
  private static final TokenFunction UUID_HASH = new UuidHash();
  private static final TokenFunction SMALLINT_RANGE = new IntegralRange(IntegralKey.SMALLINT);
  private static final TokenFunction INTEGER_RANGE = new IntegralRange(IntegralKey.INTEGER);
  private static final TokenFunction BIGINT_RANGE = new IntegralRange(IntegralKey.BIGINT);
  private static final TokenFunction TIMESTAMP_RANGE = new TimestampRange();

  private TokenFunctions() {}

  /**
   * The token function of keyspaces of that strategy and key type; always the same object.
   *
   * @param keyType empty for {@link Strategy#SINGLE}, and only there
   * @throws IllegalArgumentException if the two do not go together; the message says what to use
   */
  public static TokenFunction of(Strategy strategy, Optional<KeyType> keyType) {
    checkArgument(
        keyType.isEmpty() == (strategy == Strategy.SINGLE),
        "strategy %s with key type %s: HASH and RANGE need a key type, SINGLE has none",
        strategy,
        keyType.map(KeyType::sqlName).orElse("none"));
    return switch (strategy) {
      case SINGLE -> SINGLE;
      case HASH -> hash(keyType.orElseThrow());
      case RANGE -> range(keyType.orElseThrow());
    };
  }

  private static TokenFunction hash(KeyType keyType) {
    return switch (keyType) {
      case SMALLINT -> SMALLINT_HASH;
      case INTEGER -> INTEGER_HASH;
      case BIGINT -> BIGINT_HASH;
      case TEXT -> TEXT_HASH;
      case UUID -> UUID_HASH;
      case TIMESTAMPTZ ->
          throw new IllegalArgumentException(
              "strategy HASH does not take keys of type timestamptz: use strategy RANGE, or a key"
                  + " that names the entity the row belongs to");
    };
  }

  private static TokenFunction range(KeyType keyType) {
    return switch (keyType) {
      case SMALLINT -> SMALLINT_RANGE;
      case INTEGER -> INTEGER_RANGE;
      case BIGINT -> BIGINT_RANGE;
      case TIMESTAMPTZ -> TIMESTAMP_RANGE;
      case TEXT, UUID ->
          throw new IllegalArgumentException(
              "strategy RANGE does not take keys of type "
                  + keyType.sqlName()
                  + ", which have no order that fits into 64 bits: use strategy HASH");
    };
  }
}
