package dev.shardwright.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Endpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentCredentialsTest {
  private static final ShardId SHARD = ShardId.of("orders-1");
  private static final Endpoint ENDPOINT =
      new Endpoint("jdbc:postgresql://db1:6432/shop?sslmode=require", "app");

  private final Map<String, String> environment = new HashMap<>();
  private CredentialsProvider provider;
  private Path file;

  @BeforeEach
  void aHomeWithoutPasswords(@TempDir Path home) {
    file = home.resolve(".pgpass");
    provider = new EnvironmentCredentials(environment::get, home);
  }

  @Test
  void givesTheUserWithoutAPasswordWhereThereIsNone() {
    assertThat(app()).isEqualTo(new Credentials("app", Optional.empty()));
    assertThat(admin()).isEqualTo(new Credentials("app", Optional.empty()));
  }

  @Test
  void prefersTheVariableOfTheShard() {
    environment.put("SHARDWRIGHT_PASSWORD", "general");
    assertThat(app()).isEqualTo(Credentials.of("app", "general"));

    environment.put("SHARDWRIGHT_PASSWORD_ORDERS_1", "own");
    assertThat(app()).isEqualTo(Credentials.of("app", "own"));
    assertThat(admin()).as("the app role is the admin by default").isEqualTo(app());
  }

  @Test
  void givesTheAdminItsOwnUserAndPassword() {
    environment.put("SHARDWRIGHT_PASSWORD", "apps");
    environment.put("SHARDWRIGHT_ADMIN_USER", "owner");
    assertThat(admin())
        .as("never the app role's password for another user")
        .isEqualTo(new Credentials("owner", Optional.empty()));

    environment.put("SHARDWRIGHT_ADMIN_PASSWORD", "owners");
    assertThat(admin()).isEqualTo(Credentials.of("owner", "owners"));
    assertThat(app()).isEqualTo(Credentials.of("app", "apps"));
  }

  @Test
  void prefersVariablesToTheFile() throws IOException {
    write("*:*:*:*:from-file");
    environment.put("SHARDWRIGHT_PASSWORD", "from-variable");
    assertThat(app()).isEqualTo(Credentials.of("app", "from-variable"));
  }

  @Test
  void takesTheFirstLineOfTheFileThatMatches() throws IOException {
    write(
        "# db1:6432:shop:app:comment",
        "db1:5432:shop:app:other port",
        "db1:6432:other:app:other database",
        "db1:6432:shop:owner:other user",
        "too:few:fields",
        "*:6432:shop:app:right",
        "db1:6432:shop:app:late");
    assertThat(app()).isEqualTo(Credentials.of("app", "right"));
  }

  @Test
  void undoesEscapes() throws IOException {
    write("db1:6432:shop:app:a\\:b\\\\c:d");
    assertThat(app()).isEqualTo(Credentials.of("app", "a:b\\c:d"));
  }

  @Test
  void picksUpAChangedFile() throws IOException {
    write("*:*:*:app:old");
    assertThat(app()).isEqualTo(Credentials.of("app", "old"));
    write("*:*:*:app:new");
    assertThat(app()).isEqualTo(Credentials.of("app", "new"));
  }

  @Test
  void readsTheFileThatTheEnvironmentNames(@TempDir Path elsewhere) throws IOException {
    file = elsewhere.resolve("passwords");
    environment.put("PGPASSFILE", file.toString());
    write("*:*:*:app:elsewhere");
    assertThat(app()).isEqualTo(Credentials.of("app", "elsewhere"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw--w----", "rw----r--", "rw-----w-"})
  void refusesAFileThatOthersMayUse(String permissions) throws IOException {
    write("*:*:*:app:secret");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    assertThatThrownBy(this::app)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("chmod 0600")
        .hasMessageNotContaining("secret");
  }

  @Test
  void saysThatAFileCannotBeRead() throws IOException {
    write("*:*:*:*:secret");
    Files.setPosixFilePermissions(file, Set.of());
    if (Files.isReadable(file)) { // as for root
      assertThat(app()).isEqualTo(Credentials.of("app", "secret"));
    } else {
      assertThatThrownBy(this::app)
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("cannot be read");
    }
  }

  @Test
  void knowsTheDefaultsOfAnAddress() throws IOException {
    write("localhost:5432:app:app:local", "\\:\\:1:5432:a b:app:six", "db2:5432:shop:app:second");
    assertThat(passwordOf("jdbc:postgresql:")).contains("local");
    assertThat(passwordOf("jdbc:postgresql:app")).contains("local");
    assertThat(passwordOf("jdbc:postgresql:///")).contains("local");
    assertThat(passwordOf("jdbc:postgresql://localhost/app?x=y")).contains("local");
    assertThat(passwordOf("jdbc:postgresql://[::1]/a%20b")).contains("six");
    assertThat(passwordOf("jdbc:postgresql://db1:1,db2/shop")).contains("second");
    assertThat(passwordOf("jdbc:postgresql://db2:5433/shop")).isEmpty();
  }

  @Test
  void neverShowsAPassword() {
    assertThat(Credentials.of("app", "secret").toString()).contains("app").doesNotContain("secret");
  }

  private Optional<String> passwordOf(String url) {
    return provider.credentialsFor(SHARD, new Endpoint(url, "app"), Role.APP).password();
  }

  private Credentials app() {
    return provider.credentialsFor(SHARD, ENDPOINT, Role.APP);
  }

  private Credentials admin() {
    return provider.credentialsFor(SHARD, ENDPOINT, Role.ADMIN);
  }

  private void write(String... lines) throws IOException {
    Files.write(file, List.of(lines));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }
}
