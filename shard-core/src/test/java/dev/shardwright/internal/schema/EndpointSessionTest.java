package dev.shardwright.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointSessionTest {
  private static final Set<String> OURS = Set.of("socketTimeout", "tcpKeepAlive", "socketFactory");

  @ParameterizedTest
  @CsvSource({
    "'', ''",
    "?, ?",
    "?socketTimeout=1, ?",
    "?socketTimeout, ?",
    "?ssl=true&socketTimeout=1&sslmode=require, ?ssl=true&sslmode=require",
    "?tcpKeepAlive=false&socketTimeout=1&socketTimeout=2, ?",
    "?mysocketTimeout=1&socketTimeouts=2, ?mysocketTimeout=1&socketTimeouts=2",
    "?socketFactory=theirs, ?socketFactory=theirs"
  })
  void parametersThatAreSetBesideTheUrlAreTakenOutOfIt(String given, String left) {
    assertThat(EndpointSession.without("jdbc:postgresql://db1/shop" + given, OURS))
        .isEqualTo("jdbc:postgresql://db1/shop" + left);
  }
}
