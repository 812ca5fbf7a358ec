package dev.shardwright.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The expected values are what PostgreSQL 15.18 and 18.6 answered, both alike. */
class PostgresHashTest {
  @ParameterizedTest
  @CsvSource({
    "0, 4154612158245552303",
    "1, -3670598878359251130",
    "-1, -1888257769727981238",
    "42, 8010225493015854792",
    "127, -7387605549049237959",
    "-128, 6939903691195408843",
    "32767, 1790040721271588170",
    "-32768, 8455483389771436374",
    "2147483647, -9109110466470504941",
    "-2147483648, 1977219185673256887",
    "2147483648, 1977219185673256887",
    "-2147483649, -9109110466470504941",
    "4294967296, -3670598878359251130",
    "1234567890123456789, -1348933112428498873",
    "9223372036854775807, 1977219185673256887",
    "-9223372036854775808, -9109110466470504941",
  })
  void hashesIntegersAsPostgresDoes(long value, long expected) {
    assertThat(PostgresHash.hashInt8(value)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "'', -6939563903564495251",
    "a, 3591986179850072241",
    "ab, 2833316173711343549",
    "abc, -6747756470228489321",
    "abcd, -1038429303365892052",
    "hello, 3449563369152288809",
    "12 letters.., 3296639531444540785",
    "'twelve and 1 ', -5786845169851525965",
    "user@example.com, -7663701180297578117",
    "0123456789abcdefghijklmnopqrstuvwxyz, 2599983508539421163",
    "é, -763932721387459829",
    "héllo wörld, 6639232088034648728",
    "日本語, 2870829529307104068",
    "日本語のテキスト, -4412647243937365494",
    "😀, -9149796522330800166",
    "a😀b, 375558264511112694",
    "𝄞𝄞𝄞𝄞, -4934668824665267811",
    "'\u0001', 8883389298246135586",
    "'\u007f', -1745297040707756745",
    "'\u0080', 6109664118213960094",
    "'\u07ff', 803653568031414169",
    "'\u0800', -3829254846477296849",
    "'\ud7ff', -636903625674723676",
    "'\ue000', -3029596027216421777",
    "'\uffff', -7687083247444279272",
    "'\udbff\udfff', 5552707043474078714",
  })
  void hashesTextAsPostgresDoes(String text, long expected) {
    assertThat(PostgresHash.hashText(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "00000000-0000-0000-0000-000000000000, -6859010066814654381",
    "ffffffff-ffff-ffff-ffff-ffffffffffff, 293445543803463785",
    "123e4567-e89b-12d3-a456-426614174000, -1647950126005018481",
    "01234567-89ab-cdef-0123-456789abcdef, 3667757312932659531",
    "8c9d0e1f-0000-4000-8000-000000000001, -1773299184967101324",
  })
  void hashesUuidsAsPostgresDoes(UUID value, long expected) {
    assertThat(PostgresHash.hashUuid(value)).isEqualTo(expected);
  }

  @Test
  void refusesTextThatPostgresCannotHold() {
    assertThatThrownBy(() -> PostgresHash.hashText("ab\0c"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("NUL at index 2");
    for (String text : new String[] {"ab\ud83d", "ab\ude00", "ab\ud83dc", "ab\ude00\ud83d"}) {
      assertThatThrownBy(() -> PostgresHash.hashText(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("unpaired surrogate at index 2");
    }
  }
}
