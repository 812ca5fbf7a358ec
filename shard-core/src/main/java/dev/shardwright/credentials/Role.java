package dev.shardwright.credentials;

/** As whom a connection is opened. */
public enum Role {
  /** The service's own role: the user of the endpoint. */
  APP,
  /** The role that installs the schema {@code shardwright} and moves ranges. */
  ADMIN
}
