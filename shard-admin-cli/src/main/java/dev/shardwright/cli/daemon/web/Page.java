package dev.shardwright.cli.daemon.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.regex.Pattern;

/** The files of the web page, which are in the program itself. Thread-safe. */
final class Page {
  private static final String OURS = "/dev/shardwright/cli/daemon/page/";
  private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";

  /** No directory and nothing hidden, so no way out of the folder. */
  private static final Pattern NAME = Pattern.compile("\\w[\\w-]*(\\.[\\w-]+)+");

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml",
          "png", "image/png");

  private Page() {}

  /**
   * A file, as it is sent.
   *
   * @param type its content type
   * @param content its bytes
   */
  @SuppressWarnings("ArrayRecordComponent") // made, sent and forgotten; never compared
  record File(String type, byte[] content) {}

  /** One of our own files. */
  static File file(String name) {
    return read(OURS, name);
  }

  /** One of the library that draws curves. */
  static File ofUplot(String name) {
    return read(UPLOT, name);
  }

  private static File read(String folder, String name) {
    String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
    if (type != null && NAME.matcher(name).matches()) {
      try (InputStream found = Page.class.getResourceAsStream(folder + name)) {
        if (found != null) {
          return new File(type, found.readAllBytes());
        }
      } catch (IOException e) {
        throw new UncheckedIOException(
            "the program's own file %s cannot be read".formatted(name), e);
      }
    }
    throw RefusedRequest.notFound("there is no such file: the page is at /");
  }
}
