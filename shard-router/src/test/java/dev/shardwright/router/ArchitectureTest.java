package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.ring.Ring;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.GenericDeclaration;
import java.lang.reflect.Member;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Holds the directions between packages, what pure packages may know, and what public signatures
 * may show. If it fails, first ask whether the code is in the right place.
 */
class ArchitectureTest {
  private static final Path ROOT = root();
  private static final String OURS = "dev.shardwright";

  /**
   * For each package, the other packages of ours that it may import. The first entry that matches
   * counts; {@code *} stands for the package and all below it.
   */
  private static final Map<String, Set<String>> MAY_IMPORT = new LinkedHashMap<>();

  static {
    MAY_IMPORT.put("testkit*", Set.of("testkit*"));
    MAY_IMPORT.put("", Set.of());
    MAY_IMPORT.put("ring", Set.of());
    MAY_IMPORT.put("topology", Set.of("", "ring", "internal.watch"));
    MAY_IMPORT.put("credentials", Set.of("ring", "topology"));
    MAY_IMPORT.put("internal.codec", Set.of("", "ring", "topology"));
    MAY_IMPORT.put("internal.watch", Set.of("", "topology"));
    MAY_IMPORT.put("internal.schema", Set.of("", "ring", "topology"));
    MAY_IMPORT.put(
        "topology.zookeeper", Set.of("", "ring", "topology", "internal.codec", "internal.watch"));
    MAY_IMPORT.put(
        "admin",
        Set.of("", "ring", "topology", "topology.zookeeper", "credentials", "internal.schema"));
    MAY_IMPORT.put(
        "router.internal.pool", Set.of("ring", "topology", "credentials", "internal.schema"));
    MAY_IMPORT.put("router.internal.sql.scan", Set.of());
    sql("tree", "scan");
    sql("tables", "scan");
    sql("functions", "scan tree tables");
    sql("destination", "scan tree");
    sql("keys", "scan tree tables functions destination");
    sql("answer", "scan");
    sql("plan", "scan tree tables functions answer");
    sql("write", "scan tree tables functions destination");
    MAY_IMPORT.put("router.internal.sql", Set.of("ring", "topology", "router.internal.sql*"));
    MAY_IMPORT.put("router.internal.merge", Set.of());
    router("rows", "pool");
    router("metrics", "");
    router("route", "metrics pool");
    router("run", "metrics pool route").add("internal.schema");
    router("moves", "metrics route run").addAll(Set.of("internal.codec", "topology.zookeeper"));
    router("loan", "pool run sql.scan");
    router("scatter.fanout", "pool run sql.scan");
    router("scatter.rows", "merge sql.answer");
    router(
        "scatter.part",
        "metrics pool route run loan sql.scan sql.destination scatter.fanout scatter.rows");
    router("scatter.result", "metrics pool route run loan rows merge scatter.rows scatter.part");
    router(
        "scatter.query",
        "route run loan merge sql sql.scan sql.answer sql.tables"
            + " scatter.fanout scatter.rows scatter.part scatter.result");
    router(
        "scatter.merging",
        "merge sql.answer sql.destination"
            + " scatter.fanout scatter.rows scatter.part scatter.result scatter.query");
    router(
        "scatter.finishing",
        "route loan merge sql.scan sql.answer"
            + " scatter.fanout scatter.rows scatter.part scatter.result scatter.query");
    router(
        "scatter",
        "metrics route run loan merge sql sql.scan sql.answer sql.destination sql.write"
            + " scatter.fanout scatter.rows scatter.result scatter.query"
            + " scatter.merging scatter.finishing");
    router("jdbc.failure", "pool run sql.scan");
    router("jdbc.value", "run sql.scan scatter.part jdbc.failure");
    router("jdbc.rows", "rows jdbc.failure");
    router("jdbc.setting", "pool loan sql.scan sql.tables");
    router(
        "jdbc.statement",
        "metrics route rows sql sql.destination sql.scan sql.tables scatter scatter.part jdbc.failure"
            + " jdbc.value jdbc.rows jdbc.setting");
    router("jdbc.parts", "sql.write jdbc.failure jdbc.rows jdbc.statement");
    router(
        "jdbc.session",
        "metrics pool route run loan rows sql sql.destination sql.tables scatter"
            + " jdbc.failure jdbc.value jdbc.setting jdbc.statement jdbc.parts");
    router(
        "jdbc.dispatch",
        "metrics pool route run loan rows sql sql.destination sql.scan sql.write"
            + " scatter scatter.part scatter.query jdbc.failure jdbc.rows jdbc.setting"
            + " jdbc.statement jdbc.parts jdbc.session");
    router(
        "jdbc.connection",
        "pool rows sql sql.scan jdbc.failure jdbc.value jdbc.rows jdbc.setting"
            + " jdbc.statement jdbc.session jdbc.dispatch");
    MAY_IMPORT.put(
        "router.jdbc",
        inRouter("run rows sql sql.scan scatter jdbc.failure jdbc.session jdbc.connection"));
    MAY_IMPORT.get("router.jdbc").add("credentials");
    MAY_IMPORT.put(
        "router",
        inRouter(
            "metrics moves pool route run loan rows sql sql.scan sql.destination sql.tables"
                + " scatter scatter.fanout scatter.part scatter.query"));
    MAY_IMPORT.get("router").addAll(Set.of("credentials", "topology.zookeeper", "router.jdbc"));
    MAY_IMPORT.put("rebalance.plan", Set.of("ring", "topology"));
    MAY_IMPORT.put("rebalance.check", Set.of("rebalance.plan"));
    MAY_IMPORT.put("rebalance.watch", Set.of("ring"));
    MAY_IMPORT.put(
        "rebalance.internal.migration",
        Set.of("ring", "topology", "rebalance.plan", "rebalance.watch"));
    MAY_IMPORT.put(
        "rebalance*",
        Set.of(
            "",
            "ring",
            "topology",
            "topology.zookeeper",
            "credentials",
            "internal.codec",
            "internal.schema",
            "rebalance*"));
    MAY_IMPORT.put("cli.output", Set.of());
    MAY_IMPORT.put(
        "cli.daemon.alert",
        Set.of(
            "ring",
            "topology",
            "topology.zookeeper",
            "rebalance",
            "rebalance.plan",
            "rebalance.watch",
            "cli.output"));
    MAY_IMPORT.put("cli*", Set.of("*"));
    MAY_IMPORT.put("examples*", Set.of("*"));
    MAY_IMPORT.put("bench*", Set.of("*"));
  }

  /** A package of {@code router.internal.sql} and those beside it that it stands on. */
  private static void sql(String name, String below) {
    Set<String> allowed = new TreeSet<>(Set.of("ring", "topology"));
    Stream.of(below.split(" ")).map("router.internal.sql."::concat).forEach(allowed::add);
    MAY_IMPORT.put("router.internal.sql." + name, allowed);
  }

  /** A package of {@code router.internal} and those beside it that it stands on. */
  private static Set<String> router(String name, String below) {
    Set<String> allowed = inRouter(below);
    MAY_IMPORT.put("router.internal." + name, allowed);
    return allowed;
  }

  /** What users of the router see, and these packages of {@code router.internal}. */
  private static Set<String> inRouter(String below) {
    Set<String> allowed = new TreeSet<>(Set.of("", "ring", "topology", "router"));
    Stream.of(below.split(" ")).map("router.internal."::concat).forEach(allowed::add);
    return allowed;
  }

  private static final Set<String> PURE =
      Set.of(
          "ring",
          "topology",
          "credentials",
          "internal.codec",
          "router.internal.sql*",
          "router.internal.merge",
          "rebalance.plan",
          "rebalance.check",
          "rebalance.watch",
          "rebalance.internal.migration",
          "cli.output",
          "cli.daemon.alert");

  private static final List<String> IMPURE =
      List.of(
          "java.sql.",
          "javax.sql.",
          "org.postgresql.",
          "com.zaxxer.",
          "org.apache.curator.",
          "org.apache.zookeeper.",
          "io.micrometer.");

  /** Libraries that only these packages know; benchmarks compare with what they like. */
  private static final Map<String, Set<String>> ONLY_IN =
      Map.of(
          "org.apache.curator.", Set.of("topology.zookeeper"),
          "org.apache.zookeeper.", Set.of("topology.zookeeper", "testkit"),
          "com.zaxxer.", Set.of("router.internal.pool", "examples.quickstart"),
          "net.sf.jsqlparser.", Set.of("router.internal.sql"),
          "com.fasterxml.", Set.of("internal.codec", "topology.zookeeper", "cli"),
          "io.javalin.", Set.of("cli.daemon.web"),
          "org.eclipse.jetty.", Set.of("cli.daemon.web"));

  private static final List<String> NOT_TO_BE_SHOWN =
      List.of(
          "com.google.",
          "org.apache.curator.",
          "org.apache.zookeeper.",
          "com.fasterxml.",
          "net.sf.jsqlparser.",
          "com.zaxxer.");

  private static final Pattern IMPORT =
      Pattern.compile("^import (?:static )?([a-z0-9_.]+)\\.[A-Z].*;", Pattern.MULTILINE);

  @Test
  void packagesImportOnlyInTheAllowedDirections() {
    List<String> wrong = new ArrayList<>();
    sources()
        .forEach(
            (path, text) -> {
              String from = packageOf(path);
              for (String to : imports(text)) {
                if (isOurs(to) && !mayImport(from, ours(to))) {
                  wrong.add(path + " imports " + to);
                }
              }
            });
    assertThat(wrong).isEmpty();
  }

  @Test
  void purePackagesKnowNoOutsideSystemAndTheOthersOnlyTheirOwn() {
    List<String> wrong = new ArrayList<>();
    sources()
        .forEach(
            (path, text) -> {
              String from = packageOf(path);
              for (String to : imports(text)) {
                boolean impure = isPure(from) && IMPURE.stream().anyMatch((to + ".")::startsWith);
                if (impure || isForeignTo(from, to)) {
                  wrong.add(path + " imports " + to);
                }
              }
            });
    assertThat(wrong).isEmpty();
  }

  @Test
  void everyPackageSaysWhatItIsForAndIsNullMarked() {
    Map<String, String> infos = new TreeMap<>();
    Set<String> packages = new TreeSet<>();
    sources()
        .forEach(
            (path, text) -> {
              packages.add(packageOf(path));
              if (path.endsWith("package-info.java")) {
                infos.put(packageOf(path), text);
              }
            });
    assertThat(infos.keySet()).isEqualTo(packages);
    assertThat(infos)
        .allSatisfy(
            (name, text) ->
                assertThat(text)
                    .as(name)
                    .containsPattern("(?s)/\\*\\*.*[a-z].*\\..*\\*/")
                    .contains("@NullMarked"));
  }

  @Test
  void publicSignaturesShowNoTypeOfALibraryThatUsersDidNotChoose() throws Exception {
    List<String> wrong = new ArrayList<>();
    int looked = 0;
    for (Class<?> anchor : List.of(Ring.class, ShardRouter.class)) {
      for (Class<?> type : classesBeside(anchor)) {
        if (isApi(type)) {
          looked++;
          signatures(type).stream()
              .filter(signature -> NOT_TO_BE_SHOWN.stream().anyMatch(signature::contains))
              .forEach(signature -> wrong.add(type.getName() + ": " + signature));
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(looked).as("public types looked at").isGreaterThan(40);
  }

  @Test
  void findsForbiddenTypesInSignaturesIfThereAreAny() {
    assertThat(signatures(Shown.class))
        .anyMatch(signature -> signature.contains("com.google."))
        .anyMatch(signature -> signature.contains("org.apache.zookeeper."));
  }

  /** What must be found: in a type argument of a method, and in what a constructor throws. */
  static class Shown {
    protected Shown() throws org.apache.zookeeper.KeeperException {}

    public List<com.google.common.collect.ImmutableList<String>> lists() {
      return List.of();
    }
  }

  private static boolean mayImport(String from, String to) {
    if (from.equals(to)) {
      return true;
    }
    return MAY_IMPORT.entrySet().stream()
        .filter(entry -> matches(entry.getKey(), from))
        .findFirst()
        .map(entry -> entry.getValue().stream().anyMatch(allowed -> matches(allowed, to)))
        .orElseThrow(() -> new AssertionError("package " + from + " is not in MAY_IMPORT"));
  }

  private static boolean matches(String pattern, String name) {
    if (!pattern.endsWith("*")) {
      return pattern.equals(name);
    }
    String stem = pattern.substring(0, pattern.length() - 1);
    return stem.isEmpty() || name.equals(stem) || name.startsWith(stem + ".");
  }

  private static boolean isPure(String name) {
    return PURE.stream().anyMatch(pure -> matches(pure, name));
  }

  private static boolean isForeignTo(String from, String to) {
    return !from.startsWith("bench")
        && ONLY_IN.entrySet().stream()
            .anyMatch(
                entry ->
                    (to + ".").startsWith(entry.getKey())
                        && entry.getValue().stream().noneMatch(in -> matches(in + "*", from)));
  }

  private static boolean isOurs(String name) {
    return name.equals(OURS) || name.startsWith(OURS + ".");
  }

  /** The name without the part that all our packages share. */
  private static String ours(String name) {
    return name.equals(OURS) ? "" : name.substring(OURS.length() + 1);
  }

  private static List<String> imports(String text) {
    List<String> found = new ArrayList<>();
    Matcher matcher = IMPORT.matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }

  private static String packageOf(Path source) {
    Path inModule = source.subpath(4, source.getNameCount() - 1);
    return ours(inModule.toString().replace('/', '.'));
  }

  /** The text of each main source of every module, by its path below the root. */
  private static Map<Path, String> sources() {
    Map<Path, String> sources = new TreeMap<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.filter(path -> Files.exists(path.resolve("pom.xml"))).toList()) {
        Path java = module.resolve("src/main/java");
        if (Files.exists(java)) {
          try (Stream<Path> files = Files.walk(java)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
              sources.put(ROOT.relativize(file), Files.readString(file));
            }
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(sources).as("sources below " + ROOT).hasSizeGreaterThan(50);
    return sources;
  }

  private static Path root() {
    for (Path path = Path.of("").toAbsolutePath(); path != null; path = path.getParent()) {
      if (Files.exists(path.resolve("shard-core/pom.xml"))) {
        return path;
      }
    }
    throw new IllegalStateException("the tests do not run below the root of the project");
  }

  private static boolean isApi(Class<?> type) {
    if (type.getPackageName().contains(".internal") || type.isAnonymousClass()) {
      return false;
    }
    for (Class<?> outer = type; outer != null; outer = outer.getEnclosingClass()) {
      if (!Modifier.isPublic(outer.getModifiers())) {
        return false;
      }
    }
    return true;
  }

  /** All that a user of the type can see of it. */
  private static List<String> signatures(Class<?> type) {
    List<String> signatures = new ArrayList<>();
    signatures.add(String.valueOf(type.getGenericSuperclass()));
    signatures.add(Arrays.toString(type.getGenericInterfaces()));
    signatures.add(Arrays.toString(((GenericDeclaration) type).getTypeParameters()));
    signatures.add(Arrays.toString(((AnnotatedElement) type).getDeclaredAnnotations()));
    Stream.of(type.getDeclaredMethods())
        .filter(ArchitectureTest::isVisible)
        .forEach(method -> signatures.add(method.toGenericString()));
    Stream.of(type.getDeclaredConstructors())
        .filter(ArchitectureTest::isVisible)
        .forEach(constructor -> signatures.add(constructor.toGenericString()));
    Stream.of(type.getDeclaredFields())
        .filter(ArchitectureTest::isVisible)
        .forEach(field -> signatures.add(field.toGenericString()));
    return signatures;
  }

  private static boolean isVisible(Member member) {
    return !member.isSynthetic()
        && (Modifier.isPublic(member.getModifiers())
            || Modifier.isProtected(member.getModifiers()));
  }

  /** All classes of the directory or jar that the class was loaded from. */
  private static List<Class<?>> classesBeside(Class<?> anchor)
      throws IOException, URISyntaxException, ClassNotFoundException {
    Path place = Path.of(anchor.getProtectionDomain().getCodeSource().getLocation().toURI());
    if (Files.isDirectory(place)) {
      return classesBelow(place);
    }
    URI jar = URI.create("jar:" + place.toUri());
    try (FileSystem files = FileSystems.newFileSystem(jar, Map.of())) {
      return classesBelow(files.getPath("/"));
    }
  }

  private static List<Class<?>> classesBelow(Path place)
      throws IOException, ClassNotFoundException {
    List<Class<?>> classes = new ArrayList<>();
    try (Stream<Path> files = Files.walk(place)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
        String name = place.relativize(file).toString().replace('/', '.');
        String type = name.substring(0, name.length() - ".class".length());
        if (!type.endsWith("package-info")) {
          classes.add(Class.forName(type, false, ArchitectureTest.class.getClassLoader()));
        }
      }
    }
    return classes;
  }
}
