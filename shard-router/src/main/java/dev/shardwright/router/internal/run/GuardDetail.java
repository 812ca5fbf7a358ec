package dev.shardwright.router.internal.run;

import dev.shardwright.topology.Epoch;
import java.sql.SQLException;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What the functions of the schema {@code shardwright} say beside a refusal, as JSON in its DETAIL.
 *
 * @param epoch the newest epoch that the database knows of; {@link Epoch#NONE} if it did not say
 * @param token the token of the refused row; empty if there is none
 * @param table the table of the refused row; "a table" if it did not say
 * @param migration the range move that the row is part of; empty if there is none
 * @param value what that move has come to by what the database knows; empty if there is none
 */
public record GuardDetail(
    Epoch epoch, OptionalLong token, String table, OptionalLong migration, OptionalLong value) {
  private static final Pattern MINIMUM_EPOCH = number("minimumEpoch");
  private static final Pattern EPOCH = number("epoch");
  private static final Pattern TOKEN = number("token");
  private static final Pattern MIGRATION = number("migration");
  private static final Pattern VALUE = number("value");
  private static final Pattern TABLE =
      Pattern.compile("\"table\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");

  public static GuardDetail of(SQLException said) {
    String detail = detail(said);
    OptionalLong minimum = find(MINIMUM_EPOCH, detail);
    OptionalLong epoch = minimum.isPresent() ? minimum : find(EPOCH, detail);
    Matcher table = TABLE.matcher(detail);
    return new GuardDetail(
        new Epoch(epoch.orElse(0)),
        find(TOKEN, detail),
        table.find() ? table.group(1) : "a table",
        find(MIGRATION, detail),
        find(VALUE, detail));
  }

  private static String detail(SQLException said) {
    SQLException origin = said.getCause() instanceof SQLException cause ? cause : said;
    ServerErrorMessage message =
        origin instanceof PSQLException server ? server.getServerErrorMessage() : null;
    String detail = message == null ? null : message.getDetail();
    return detail == null ? "" : detail;
  }

  private static OptionalLong find(Pattern pattern, String detail) {
    Matcher matcher = pattern.matcher(detail);
    return matcher.find()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)))
        : OptionalLong.empty();
  }

  private static Pattern number(String name) {
    return Pattern.compile("\"" + name + "\"\\s*:\\s*(-?\\d{1,19})\\b");
  }
}
