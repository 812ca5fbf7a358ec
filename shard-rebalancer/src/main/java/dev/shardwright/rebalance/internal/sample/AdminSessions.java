package dev.shardwright.rebalance.internal.sample;

import dev.shardwright.credentials.Credentials;
import dev.shardwright.credentials.CredentialsProvider;
import dev.shardwright.credentials.Role;
import dev.shardwright.internal.schema.EndpointSession;
import dev.shardwright.topology.Shard;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;

/** Sessions of the admin role on the primaries. Thread-safe. */
public final class AdminSessions implements ShardSessions {
  private final CredentialsProvider credentials;

  /**
   * @param credentials asked each time a session is opened
   */
  public AdminSessions(CredentialsProvider credentials) {
    this.credentials = credentials;
  }

  @Override
  public Connection open(Shard shard) throws SQLException {
    Credentials admin = credentials(shard);
    Properties properties = new Properties();
    properties.setProperty("user", admin.user());
    admin.password().ifPresent(password -> properties.setProperty("password", password));
    properties.setProperty("ApplicationName", "shardwright sampling");
    properties.setProperty("connectTimeout", "5");
    properties.setProperty("socketTimeout", "60");
    return EndpointSession.open(shard.primary(), properties);
  }

  private Credentials credentials(Shard shard) throws SQLException {
    try {
      return credentials.credentialsFor(shard.id(), shard.primary(), Role.ADMIN);
    } catch (RuntimeException e) {
      throw new SQLException("the credentials provider gave none: " + e.getMessage(), e);
    }
  }
}
