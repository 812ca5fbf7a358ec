package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.TimeoutError;
import com.microsoft.playwright.options.ColorScheme;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The web page of a daemon in a real Chromium, and what went wrong in it. The browser is the one
 * that is installed: {@code -Dshardwright.test.chromium=PATH} names another.
 */
final class Browser implements AutoCloseable {
  private static final Path CHROMIUM =
      Path.of(System.getProperty("shardwright.test.chromium", "/usr/bin/chromium"));
  private static final Path PICTURES = Path.of("target", "page");
  private static final int MOST_TABS = 80;

  private final Playwright playwright;
  private final BrowserContext context;
  private final Page page;
  private final String host;
  private final List<String> complaints = new ArrayList<>();
  private final List<String> strangers = new ArrayList<>();

  private Browser(String address, ColorScheme system) {
    assertThat(CHROMIUM)
        .as("Chromium: install Debian's package, or name one by -Dshardwright.test.chromium=PATH")
        .isExecutable();
    host = URI.create(address).getAuthority();
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    com.microsoft.playwright.Browser chromium =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(CHROMIUM)
                    .setArgs(
                        List.of(
                            "--disable-gpu",
                            "--disable-dev-shm-usage",
                            "--disable-background-networking",
                            "--disable-component-update",
                            "--disable-sync",
                            "--no-first-run")));
    context =
        chromium.newContext(
            new com.microsoft.playwright.Browser.NewContextOptions()
                .setColorScheme(system)
                .setViewportSize(1280, 900));
    page = context.newPage();
    page.setDefaultTimeout((double) RunningDaemon.PATIENCE.toMillis());
    page.onConsoleMessage(message -> complaints.add(message.type() + ": " + message.text()));
    page.onPageError(complaints::add);
    page.onRequest(
        request -> {
          if (!host.equals(URI.create(request.url()).getAuthority())) {
            strangers.add(request.url());
          }
        });
  }

  /** Opens the page of a daemon on a system with that theme, and waits for its figures. */
  static Browser open(RunningDaemon daemon, ColorScheme system) {
    Browser browser = visit(daemon, system);
    browser.awaitText("#age", "live");
    return browser;
  }

  /** Opens the page, whatever it shows. */
  static Browser visit(RunningDaemon daemon, ColorScheme system) {
    Browser browser = new Browser(daemon.url(), system);
    browser.page.navigate(daemon.url() + "/");
    return browser;
  }

  Page page() {
    return page;
  }

  /** Cuts the browser off from everything, or no more. */
  void offline(boolean cut) {
    context.setOffline(cut);
  }

  String text(String selector) {
    return page.locator(selector).innerText();
  }

  /** Waits until an element has that text somewhere. */
  void awaitText(String selector, String text) {
    try {
      page.locator(selector).filter(new Locator.FilterOptions().setHasText(text)).waitFor();
    } catch (TimeoutError e) {
      picture("failed", 1280);
      throw new AssertionError(
          "%s never said '%s'. The page says:%n%s%nand complained: %s"
              .formatted(selector, text, text("body"), complaints),
          e);
    }
  }

  /** Goes on with the tabulator until the element has the focus. */
  void tabTo(String selector) {
    Locator wanted = page.locator(selector);
    for (int i = 0; i < MOST_TABS; i++) {
      if ((boolean) wanted.evaluate("element => element === document.activeElement")) {
        assertThat((boolean) wanted.evaluate("element => element.matches(':focus-visible')"))
            .as("the focus on %s is seen", selector)
            .isTrue();
        return;
      }
      press("Tab");
    }
    throw new AssertionError("the keyboard does not reach " + selector);
  }

  void press(String key) {
    page.keyboard().press(key);
  }

  void type(String text) {
    page.keyboard().type(text);
  }

  /** How many pixels the page is wider than the window. */
  int overflow() {
    return ((Number)
            page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"))
        .intValue();
  }

  /** For people to look at. */
  void picture(String name, int width) {
    page.setViewportSize(width, 900);
    page.screenshot(
        new Page.ScreenshotOptions().setPath(PICTURES.resolve(name + ".png")).setFullPage(true));
  }

  /** What was asked for and is not the daemon's. */
  List<String> strangers() {
    return strangers;
  }

  /** Nothing was complained about, and nobody but the daemon was asked for anything. */
  void assertClean() {
    assertThat(complaints).isEmpty();
    assertThat(strangers).isEmpty();
  }

  @Override
  public void close() {
    playwright.close(); // and with it the browser
  }
}
