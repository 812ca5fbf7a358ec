package dev.shardwright.internal.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.shardwright.TopologyUnavailable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A JSON object as it was read: fields are asked for by name and kind, what nobody asks for is
 * passed over. Immutable.
 */
public final class JsonObject {
  /** Reads and writes every JSON document of the cluster. */
  static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(32).build())
          .build();

  /** Stands for JSON's null and for numbers that are not whole: no field of ours holds them. */
  private static final Object OTHER = new Object();

  private final String path;
  private final Map<String, Object> fields;

  private JsonObject(String path, Map<String, Object> fields) {
    this.path = path;
    this.fields = fields;
  }

  /**
   * Reads a document that is one object.
   *
   * @param path where it is kept, for messages
   * @throws TopologyUnavailable if it is something else
   */
  public static JsonObject parse(byte[] document, String path) {
    try (JsonParser parser = JSON.createParser(document)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw Format.corrupt(path, "it is not a JSON object", null);
      }
      JsonObject object = object(parser, path);
      if (parser.nextToken() != null) {
        throw Format.corrupt(path, "something follows the JSON object", null);
      }
      return object;
    } catch (IOException e) {
      throw Format.corrupt(path, "it is not JSON", e);
    }
  }

  /** One object of texts, flags and whole numbers, as bytes. */
  public static byte[] write(Map<String, Object> fields) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      for (Map.Entry<String, Object> field : fields.entrySet()) {
        if (field.getValue() instanceof Number number) {
          json.writeNumberField(field.getKey(), number.longValue());
        } else if (field.getValue() instanceof Boolean flag) {
          json.writeBooleanField(field.getKey(), flag);
        } else {
          json.writeStringField(field.getKey(), field.getValue().toString());
        }
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is no IO
    }
    return out.toByteArray();
  }

  /** The text in that field. */
  public String text(String name) {
    return required(name, String.class);
  }

  /** The text in that field, if the field is there. */
  public Optional<String> optionalText(String name) {
    return fields.containsKey(name) ? Optional.of(text(name)) : Optional.empty();
  }

  /** The whole number in that field. */
  public long number(String name) {
    return required(name, Long.class);
  }

  /** The whole number in that field, if the field is there. */
  public OptionalLong optionalNumber(String name) {
    return fields.containsKey(name) ? OptionalLong.of(number(name)) : OptionalLong.empty();
  }

  /** The whole number in that field, which fits into an int. */
  public int smallNumber(String name) {
    long number = number(name);
    if ((int) number != number) {
      throw Format.corrupt(path, "field '" + name + "' is out of range: " + number, null);
    }
    return (int) number;
  }

  /** Whether that field is there and says so. */
  public boolean optionalFlag(String name) {
    return fields.containsKey(name) && flag(name);
  }

  /** Whether that field says so. */
  public boolean flag(String name) {
    return required(name, Boolean.class);
  }

  /** The object in that field. */
  public JsonObject object(String name) {
    return required(name, JsonObject.class);
  }

  /** The objects in the array in that field. */
  public List<JsonObject> objects(String name) {
    return elements(name, JsonObject.class);
  }

  /** The texts in the array in that field. */
  public List<String> texts(String name) {
    return elements(name, String.class);
  }

  private <T> List<T> elements(String name, Class<T> kind) {
    List<T> elements = new ArrayList<>();
    for (Object element : required(name, List.class)) {
      elements.add(cast(name, element, kind));
    }
    return elements;
  }

  private <T> T required(String name, Class<T> kind) {
    Object value = fields.get(name);
    if (value == null) {
      throw Format.corrupt(path, "field '" + name + "' is missing", null);
    }
    return cast(name, value, kind);
  }

  private <T> T cast(String name, Object value, Class<T> kind) {
    if (!kind.isInstance(value)) {
      throw Format.corrupt(path, "field '" + name + "' is not of the kind expected", null);
    }
    return kind.cast(value);
  }

  private static JsonObject object(JsonParser parser, String path) throws IOException {
    Map<String, Object> fields = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      fields.put(name, value(parser, path));
    }
    return new JsonObject(path, fields);
  }

  private static Object value(JsonParser parser, String path) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser, path);
      case START_ARRAY -> {
        List<Object> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          elements.add(value(parser, path));
        }
        yield elements;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT ->
          switch (parser.getNumberType()) {
            case INT, LONG -> parser.getLongValue();
            default -> OTHER;
          };
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> OTHER;
    };
  }
}
