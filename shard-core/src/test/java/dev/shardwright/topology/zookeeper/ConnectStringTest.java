package dev.shardwright.topology.zookeeper;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectStringTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "zk1",
        "zk1:2181",
        "zk1:2181,zk2:2181,",
        "zk1:2181, zk2:2181/apps/prod",
        "zk_1.example.org:65535/",
        "[::1]:2181",
        "::1:2181"
      })
  void takesWhatTheClientUnderstands(String text) {
    ConnectString.check(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                  | it is empty",
        "','                 | it names no server",
        "zk1:2181apps        | a port is no number",
        "zk1:x               | a port is no number",
        "zk1:65536           | port out of range",
        "zk1:-1              | port out of range",
        "zk1:0               | 0 is no port",
        ":2181               | '' is no host",
        "zk1:2181;zk2:2181   | 'zk1:2181;zk2' is no host",
        "my zk:2181          | 'my zk' is no host",
        "[::1                | no matching ']'",
        "zk://zk1:2181       | //zk1:2181",
        "zk1:2181/apps/      | must not end with /",
        "zk1:1/a,zk2:1/a     | comes last, once"
      })
  void namesWhatIsWrongAndHowToWriteIt(String text, String why) {
    assertThatThrownBy(() -> ConnectString.check(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "' does not say where ZooKeeper is")
        .hasMessageContaining(why)
        .hasMessageContaining("Write HOST:PORT");
  }
}
