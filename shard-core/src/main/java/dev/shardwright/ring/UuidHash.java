package dev.shardwright.ring;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.UUID;
import java.util.regex.Pattern;

/** Tokens of uuid keys under HASH: {@code uuid_hash_extended}. */
final class UuidHash implements HashFunction {
  /** Stricter than {@link UUID#fromString}, which takes groups of any length. */
  private static final Pattern UUID_TEXT =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  @Override
  public long tokenOf(Object key) {
    if (key instanceof UUID uuid) {
      return PostgresHash.hashUuid(uuid);
    }
    throw WrongKey.type(KeyType.UUID, "java.util.UUID", key);
  }

  @Override
  public Object parse(String text) {
    checkArgument(UUID_TEXT.matcher(text).matches(), "'%s' is no uuid", text);
    return UUID.fromString(text);
  }

  @Override
  public String sqlToken(String column) {
    return "pg_catalog.uuid_hash_extended(" + column + ", 0)";
  }
}
