package dev.shardwright.router.internal.sql.functions;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Sets;
import dev.shardwright.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Holds what is believed of functions against the catalog of a server. */
class FunctionsIT {
  private static final String FUNCTIONS =
      """
      select distinct proname from pg_proc p
      where pronamespace = 'pg_catalog'::regnamespace and (%s)
        and not exists (
          select 1 from unnest(proargtypes::oid[] || prorettype) as type
          where type in ('internal'::regtype, 'cstring'::regtype))
      """;

  /**
   * Those that depend on settings of the session (time zone, formats, text search), on what types
   * there are, or on output functions that may; none reads tables or the state of the server.
   */
  private static final Set<String> OF_THE_SESSION =
      Set.of(
          ("age array_to_json array_to_string concat concat_ws convert convert_from convert_to date"
                  + " date_add date_part date_subtract date_trunc enum_first enum_last enum_range"
                  + " extract format generate_series json_agg json_agg_strict json_build_array"
                  + " json_build_object json_object_agg json_object_agg_strict"
                  + " json_object_agg_unique json_object_agg_unique_strict json_populate_record"
                  + " json_populate_recordset json_to_record json_to_recordset json_to_tsvector"
                  + " jsonb_agg jsonb_agg_strict jsonb_build_array jsonb_build_object"
                  + " jsonb_object_agg jsonb_object_agg_strict jsonb_object_agg_unique"
                  + " jsonb_object_agg_unique_strict jsonb_path_exists_tz jsonb_path_match_tz"
                  + " jsonb_path_query_array_tz jsonb_path_query_first_tz jsonb_path_query_tz"
                  + " jsonb_populate_record jsonb_populate_recordset jsonb_to_record"
                  + " jsonb_to_recordset jsonb_to_tsvector length make_timestamptz numeric overlaps"
                  + " phraseto_tsquery plainto_tsquery quote_literal quote_nullable row_to_json"
                  + " time timestamp timestamptz timetz timezone to_char to_date to_json to_jsonb"
                  + " to_number to_timestamp to_tsquery to_tsvector ts_headline"
                  + " websearch_to_tsquery")
              .split(" "));

  @Test
  void noneOfTheHarmlessIsVolatile() throws SQLException {
    assertThat(Sets.intersection(functions("provolatile = 'v'"), Functions.harmless())).isEmpty();
  }

  @Test
  void theHarmlessThatAreNotImmutableAreKnown() throws SQLException {
    assertThat(Sets.intersection(functions("provolatile = 's'"), Functions.harmless()))
        .isSubsetOf(OF_THE_SESSION);
  }

  @Test
  @Tag("newest")
  void theHarmlessExistUnlessTheGrammarMakesThem() throws SQLException {
    assertThat(Sets.difference(Functions.harmless(), functions("true")))
        .containsExactlyInAnyOrder(
            "coalesce",
            "nullif",
            "greatest",
            "least",
            "row",
            "grouping",
            "rollup",
            "cube",
            "any",
            "all",
            "some",
            "array");
  }

  @Test
  @Tag("newest")
  void theAggregatesAreAllThatTheServerHas() throws SQLException {
    assertThat(functions("prokind = 'a'"))
        .containsAll(Functions.aggregates())
        .isSubsetOf(
            Sets.union(
                Functions.aggregates(), Set.of("rank", "dense_rank", "percent_rank", "cume_dist")));
  }

  @Test
  void theFunctionsThatGiveRowsAreKnown() throws SQLException {
    assertThat(Sets.intersection(functions("proretset"), Functions.harmless()))
        .isEqualTo(Functions.ofRows());
  }

  private static Set<String> functions(String condition) throws SQLException {
    Set<String> names = new TreeSet<>();
    try (Connection connection = PostgresServer.shared().connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(FUNCTIONS.formatted(condition))) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }
}
