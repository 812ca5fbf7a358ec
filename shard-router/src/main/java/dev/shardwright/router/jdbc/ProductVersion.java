package dev.shardwright.router.jdbc;

import java.util.Optional;

/** What this driver calls itself. */
final class ProductVersion {
  static final String NAME = "Shardwright JDBC Driver";
  static final String TEXT =
      Optional.ofNullable(ProductVersion.class.getPackage().getImplementationVersion())
          .orElse("unreleased");
  static final int MAJOR = 0;
  static final int MINOR = 1;

  private ProductVersion() {}
}
