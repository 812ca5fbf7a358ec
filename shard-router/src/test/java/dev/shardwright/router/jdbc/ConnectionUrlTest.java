package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.PoolProfile;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionUrlTest {
  private static final Properties NONE = new Properties();

  @Test
  void saysWhereZooKeeperIsAndWhichClusterAndHowToConnect() throws SQLException {
    ConnectionUrl url =
        ConnectionUrl.parse(
            "jdbc:shardwright://zk1:2181,[::1]:2182,zk3/prod?user=app&password=a%26b+c&region=eu"
                + "&multiShardWrites=per-shard&deadline=1500ms&fetchSize=100&profile=serverless",
            NONE);
    assertThat(url.zookeeper()).isEqualTo("zk1:2181,[::1]:2182,zk3");
    assertThat(url.cluster()).isEqualTo("prod");
    ConnectionSettings settings = url.settings();
    assertThat(settings.user()).contains("app");
    assertThat(settings.password()).contains("a&b+c");
    assertThat(settings.region().orElseThrow()).hasToString("eu");
    assertThat(settings.multiShardWrites()).isTrue();
    assertThat(settings.deadline()).contains(Duration.ofMillis(1500));
    assertThat(settings.fetchSize()).isEqualTo(100);
    assertThat(settings.pools()).isEqualTo(PoolProfile.SERVERLESS);
    assertThat(settings.routerOptions().timeouts().statement()).isEqualTo(Duration.ofMillis(1500));
  }

  @Test
  void hasDefaultsForEverything() throws SQLException {
    assertThat(ConnectionUrl.parse("jdbc:shardwright://zk1:2181/prod", NONE).settings())
        .isEqualTo(ConnectionSettings.DEFAULTS);
  }

  @Test
  void countsMoreThanPropertiesBesideIt() throws SQLException {
    Properties beside = new Properties();
    beside.setProperty("user", "beside");
    beside.setProperty("password", "secret");
    ConnectionUrl url = ConnectionUrl.parse("jdbc:shardwright://zk1:2181/prod?user=app", beside);
    assertThat(url.settings().user()).contains("app");
    assertThat(url.settings().password()).contains("secret");
    assertThat(url.toString() + url.settings()).doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:shardwright:",
        "jdbc:shardwright:zk1:2181/prod",
        "jdbc:shardwright://zk1:2181",
        "jdbc:shardwright:///prod",
        "jdbc:shardwright://zk1:2181/",
        "jdbc:shardwright://zk1:2181,/prod",
        "jdbc:shardwright://zk1:2181/prod/more",
        "jdbc:shardwright://zk 1:2181/prod",
        "jdbc:shardwright://zk1:port/prod",
      })
  void isRefusedWithTheFormItShouldHave(String url) {
    refused(url, "jdbc:shardwright://host:port,host:port/cluster");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          usr=app               | unknown property 'usr', there are: user, password, region
          user                  | name=value
          user=a&user=b         | property user twice
          user=%zz              | percent sign
          multiShardWrites=yes  | multiShardWrites=yes is not one of [refused, per-shard]
          profile=tiny          | profile=tiny is not one of [server, serverless]
          deadline=30           | 500ms, 30s or 2m
          deadline=1ms          | not within
          fetchSize=-1          | fetchSize=-1
          fetchSize=many        | fetchSize=many
          region=E!             | region 'E!'
          """)
  void namesThePropertyThatCannotBe(String query, String message) {
    refused("jdbc:shardwright://zk1:2181/prod?" + query, message);
  }

  @Test
  void isShownWithoutItsPasswordWhenItIsRefused() {
    assertThatThrownBy(
            () -> ConnectionUrl.parse("jdbc:shardwright://zk1/p?password=geheim&x=1", NONE))
        .isInstanceOf(SQLException.class)
        .hasMessageNotContaining("geheim");
  }

  private static void refused(String url, String message) {
    assertThatThrownBy(() -> ConnectionUrl.parse(url, NONE))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("SW109"))
        .hasMessageContaining(message);
  }
}
