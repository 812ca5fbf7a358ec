package dev.shardwright.router.differential;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Airlines, routes and airports: those of the OpenFlights project where they are beside the
 * checkout, else generated ones of the same shape, which are as skewed, as incomplete, and named in
 * as many scripts.
 *
 * @param airlines the rows of {@code airlines}, in COPY's text format
 * @param routes the rows of {@code routes}
 * @param airports the rows of {@code airports} and of {@code places}
 */
record Flights(String airlines, String routes, String airports) {
  private static final Path FOLDER = Path.of("..", "..", "shared", "data", "openflights");

  static Flights atHand() {
    try {
      return Files.isDirectory(FOLDER) ? read() : generated();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Flights read() throws IOException {
    StringBuilder airlines = new StringBuilder();
    for (List<@Nullable String> f : records("airlines.dat")) {
      String active = "Y".equals(f.get(7)) ? "true" : "false";
      row(airlines, f.get(0), f.get(1), f.get(3), f.get(4), f.get(5), f.get(6), active);
    }
    Map<String, String> routes = new TreeMap<>();
    for (List<@Nullable String> f : records("routes.dat")) {
      if (f.get(1) != null) {
        StringBuilder route = new StringBuilder();
        String shared = "Y".equals(f.get(6)) ? "true" : null;
        row(route, f.get(1), f.get(0), f.get(2), f.get(4), shared, f.get(7), f.get(8));
        routes.put(f.get(1) + ":" + f.get(0) + ":" + f.get(2) + ":" + f.get(4), route.toString());
      }
    }
    StringBuilder airports = new StringBuilder();
    for (List<@Nullable String> f : records("airports.dat")) {
      row(
          airports, f.get(0), f.get(1), f.get(2), f.get(3), f.get(4), f.get(6), f.get(7), f.get(8),
          f.get(9), f.get(11));
    }
    return new Flights(airlines.toString(), String.join("", routes.values()), airports.toString());
  }

  private static List<List<@Nullable String>> records(String file) throws IOException {
    List<List<@Nullable String>> records = new ArrayList<>();
    for (String line : Files.readAllLines(FOLDER.resolve(file))) {
      records.add(fields(line));
    }
    return records;
  }

  /** Divided by commas outside of quotes; a backslash in quotes escapes; \N is NULL. */
  private static List<@Nullable String> fields(String line) {
    List<@Nullable String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quoted && c == '\\') {
        i++;
        field.append(line.charAt(i));
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        fields.add(orNull(field.toString()));
        field.setLength(0);
      } else {
        field.append(c);
      }
    }
    fields.add(orNull(field.toString()));
    return fields;
  }

  private static @Nullable String orNull(String field) {
    return field.equals("\\N") ? null : field;
  }

  private static Flights generated() {
    SplittableRandom random = new SplittableRandom(7);
    String[] words = {"Air", "Östliche", "Avió", "Łódź", "Север", "航空", "إير", "sky", "Sky", "Ñ"};
    String[] places = {"Nord", "nord", "Sør", "Île", "Китай", "東", "Quito", "Perth", "O'Hare", ""};
    StringBuilder airlines = new StringBuilder();
    StringBuilder routes = new StringBuilder();
    StringBuilder airports = new StringBuilder();
    for (int i = 1; i <= 700; i++) {
      String code = code(i, 3);
      String country = random.nextInt(9) == 0 ? null : "Land " + places[random.nextInt(10)];
      String zone = random.nextInt(12) == 0 ? null : "Zone/" + places[random.nextInt(9)];
      row(
          airports,
          i,
          places[random.nextInt(10)] + " " + i % 50,
          places[random.nextInt(10)],
          country,
          i % 11 == 0 ? null : code,
          random.nextInt(-900_000, 900_000) / 1e4,
          random.nextInt(-1_800_000, 1_800_000) / 1e4,
          random.nextInt(-200, 9000),
          random.nextInt(-22, 24) * 0.5,
          zone);
    }
    for (int i = -1; i <= 600; i++) {
      String country = random.nextInt(7) == 0 ? null : "Land " + places[random.nextInt(10)];
      row(
          airlines,
          i,
          words[random.nextInt(10)] + " " + words[random.nextInt(10)],
          i % 3 == 0 ? null : code(i + 1, 2),
          code(i + 1, 3),
          i % 4 == 0 ? "" : words[i % 5 + 1],
          country,
          random.nextBoolean());
      int count = i == 24 ? 900 : Math.abs(i) % 10 == 0 ? 0 : random.nextInt(1 + 4000 / (i + 10));
      for (int n = 0; n < count; n++) {
        String from = code(1 + random.nextInt(30 + n % 600), 3);
        row(
            routes,
            i,
            code(i + 1, 2),
            from,
            code(1 + (n * 7 + i + 2) % 690, 3) + (n < 690 ? "" : n / 690),
            random.nextInt(4) == 0 ? true : null,
            random.nextInt(200) == 0 ? 1 : 0,
            random.nextInt(30) == 0 ? null : words[random.nextInt(10)]);
      }
    }
    return new Flights(airlines.toString(), routes.toString(), airports.toString());
  }

  private static String code(int number, int letters) {
    StringBuilder code = new StringBuilder();
    for (int i = 0, rest = number; i < letters; i++, rest /= 26) {
      code.append((char) ('A' + rest % 26));
    }
    return code.reverse().toString();
  }

  private static void row(StringBuilder rows, @Nullable Object... values) {
    for (int i = 0; i < values.length; i++) {
      Object value = values[i];
      rows.append(i == 0 ? "" : "\t")
          .append(
              value == null ? "\\N" : value.toString().replace("\\", "\\\\").replace("\t", " "));
    }
    rows.append('\n');
  }
}
