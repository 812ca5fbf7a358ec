package dev.shardwright.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What a JSON document looks like: the names of its fields and the kinds of their values. */
final class JsonShape {
  private JsonShape() {}

  static String of(String json) throws IOException {
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      return shape(parser, parser.nextToken());
    }
  }

  private static String shape(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> "text";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "number";
      case VALUE_TRUE, VALUE_FALSE -> "boolean";
      default -> "null";
    };
  }

  private static String object(JsonParser parser) throws IOException {
    List<String> fields = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      fields.add(name + ": " + shape(parser, parser.nextToken()));
    }
    return "{" + String.join(", ", fields) + "}";
  }

  /** That of its first element: the others differ in nulls at most. */
  private static String array(JsonParser parser) throws IOException {
    List<String> elements = new ArrayList<>();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      elements.add(shape(parser, token));
    }
    return "[" + (elements.isEmpty() ? "" : elements.get(0)) + "]";
  }

  /** Whether documents look alike, where null stands for any value. */
  static boolean alike(String json, String other) throws IOException {
    String expected =
        Pattern.quote(of(json))
            .replace(": null", ": \\E(?:text|number|boolean|null)\\Q")
            .replace(": text", ": \\E(?:text|null)\\Q")
            .replace(": number", ": \\E(?:number|null)\\Q");
    return of(other).matches(expected);
  }
}
