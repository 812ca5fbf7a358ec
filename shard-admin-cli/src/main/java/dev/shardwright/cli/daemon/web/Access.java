package dev.shardwright.cli.daemon.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask for what. Without a token everybody may read and nobody may change anything; with one
 * it is needed for changes, and for reading too where that is wanted. The page's files and whether
 * the daemon is up hold nothing that is worth hiding.
 */
public final class Access {
  /** Shorter ones can be guessed. */
  public static final int MIN_LENGTH = 16;

  private static final String SCHEME = "Bearer ";
  private static final Set<String> READING = Set.of("GET", "HEAD");
  private static final Set<String> OPEN = Set.of("/", "/health", "/api/session");

  private final Optional<String> token;
  private final boolean tokenToRead;

  /**
   * @param token who has it may change things; empty if nobody may
   * @param tokenToRead whether it is needed for reading too
   * @throws IllegalArgumentException if the token is too short, or needed and not there
   */
  public Access(Optional<String> token, boolean tokenToRead) {
    if (token.filter(given -> given.length() < MIN_LENGTH).isPresent()) {
      throw new IllegalArgumentException(
          "the token is shorter than %d characters: take a random one, as from openssl rand -hex 32"
              .formatted(MIN_LENGTH));
    }
    if (tokenToRead && token.isEmpty()) {
      throw new IllegalArgumentException(
          "--require-token needs a token: name its file with --token-file, or set SHARDWRIGHT_TOKEN");
    }
    this.token = token;
    this.tokenToRead = tokenToRead;
  }

  /** Whether anybody may change things. */
  public boolean isWritable() {
    return token.isPresent();
  }

  /** Whether a request shows the token. */
  public boolean isAuthorized(@Nullable String authorization) {
    return authorization != null
        && authorization.startsWith(SCHEME)
        && token.filter(known -> same(known, authorization.substring(SCHEME.length()))).isPresent();
  }

  /** Why a request is not answered; empty if it is. */
  public Optional<RefusedRequest> refusal(
      String method, String path, @Nullable String authorization) {
    boolean reading = READING.contains(method);
    return reading && !(tokenToRead && isGuarded(path)) ? Optional.empty() : refusal(authorization);
  }

  /** Why a request is not answered that needs the token in any case; empty if it is. */
  Optional<RefusedRequest> refusal(@Nullable String authorization) {
    if (isAuthorized(authorization)) {
      return Optional.empty();
    }
    if (token.isEmpty()) {
      return Optional.of(
          new RefusedRequest(
              403,
              "this daemon only shows: to let it change things, start it with --token-file FILE or"
                  + " SHARDWRIGHT_TOKEN, and send that token"));
    }
    return Optional.of(
        new RefusedRequest(
            401,
            authorization == null
                ? "a token is needed: send it as Authorization: Bearer TOKEN"
                : "this is not the daemon's token: look at what it was started with"));
  }

  /** All but what is known to be for everybody: the server takes more than one spelling. */
  private static boolean isGuarded(String path) {
    return !OPEN.contains(path) && !path.startsWith("/page/");
  }

  /** Takes as long for a token that is nearly right as for one that is all wrong. */
  private static boolean same(String known, String given) {
    return MessageDigest.isEqual(known.getBytes(UTF_8), given.getBytes(UTF_8));
  }
}
