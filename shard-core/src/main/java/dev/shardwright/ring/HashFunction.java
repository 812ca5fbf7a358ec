package dev.shardwright.ring;

/** A token function of HASH: only an index on the token itself can serve its condition. */
sealed interface HashFunction extends TokenFunction permits IntegralHash, TextHash, UuidHash {
  @Override
  default String sqlCondition(String column, KeyRangeSet tokens) {
    String token = sqlToken(column);
    return SqlRanges.OF_INT8.condition(token, token, tokens);
  }
}
