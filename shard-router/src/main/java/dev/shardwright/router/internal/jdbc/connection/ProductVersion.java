package dev.shardwright.router.internal.jdbc.connection;

import java.util.Optional;

/**
 * What this driver calls itself. The name begins with that of the driver that carries each
 * statement out, and whose ways with values are the same: some frameworks look there to know what
 * to do.
 */
public final class ProductVersion {
  static final String NAME = "PostgreSQL JDBC Driver through Shardwright";
  static final String TEXT =
      Optional.ofNullable(ProductVersion.class.getPackage().getImplementationVersion())
          .orElse("unreleased");
  public static final int MAJOR = 0;
  public static final int MINOR = 1;

  private ProductVersion() {}
}
