package dev.shardwright.rebalance;

import dev.shardwright.internal.schema.AdvisoryLocks;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * What a client and PostgreSQL say to each other, without TLS. An effect is a transaction that has
 * ended and was not only reading, as far as its statements tell.
 */
final class PostgresDialogue implements EffectProxy.Dialogue {
  private static final Set<String> WITHOUT_EFFECT =
      Set.of("SELECT", "SHOW", "SET", "BEGIN", "ROLLBACK", "START", "FETCH", "DISCARD", "EXPLAIN");

  /** What is changed by statements that begin with SELECT. */
  private static final Pattern EFFECTIVE_CALL =
      Pattern.compile("shardwright\\.\\w+\\(|setval\\(|pg_terminate_backend");

  private static final String GATE_CLOSED = "pg_advisory_xact_lock(" + AdvisoryLocks.GATE;

  private final Map<String, String> prepared = new ConcurrentHashMap<>();
  private boolean greeted;
  private volatile String statement = "";
  private boolean effective;

  @Override
  public ByteBuffer request(DataInputStream from) throws IOException {
    if (!greeted) {
      greeted = true;
      return message(from, ByteBuffer.allocate(0));
    }
    ByteBuffer message = message(from, ByteBuffer.allocate(1).put(from.readByte()));
    switch (message.get(0)) {
      case 'Q' -> says(text(message, 5));
      case 'P' -> prepared.put(text(message, 5), text(message, afterText(message, 5)));
      case 'B' -> says(prepared.getOrDefault(text(message, afterText(message, 5)), ""));
      default -> {
        // Nothing that says what is to be done.
      }
    }
    return message;
  }

  /** The statement before COMMIT says more than that does. */
  private void says(String text) {
    if (!text.equals("COMMIT")) {
      statement = text;
    }
  }

  @Override
  public EffectProxy.Answer answer(DataInputStream from) throws IOException {
    ByteBuffer message = message(from, ByteBuffer.allocate(1).put(from.readByte()));
    switch (message.get(0)) {
      case 'C' -> completed(text(message, 5));
      case 'Z' -> {
        return ready(message);
      }
      default -> {
        // Rows, and what else comes before the end.
      }
    }
    return EffectProxy.Answer.of(message);
  }

  private EffectProxy.Answer ready(ByteBuffer message) {
    boolean ended = message.get(5) == 'I';
    Optional<String> effect = Optional.of(statement).filter(text -> ended && effective);
    Optional<String> moment =
        Optional.of(statement).filter(text -> !ended && text.contains(GATE_CLOSED));
    effective &= !ended;
    return new EffectProxy.Answer(message, effect, moment);
  }

  private void completed(String tag) {
    String command = tag.split(" ", 2)[0];
    if (command.equals("ROLLBACK")) {
      effective = false;
    } else if (!WITHOUT_EFFECT.contains(command)
        || (command.equals("SELECT") && EFFECTIVE_CALL.matcher(statement).find())) {
      effective = true;
    }
  }

  /** The rest of a message that begins with its length, after what stands before that. */
  private static ByteBuffer message(DataInputStream from, ByteBuffer before) throws IOException {
    int length = from.readInt();
    ByteBuffer message = ByteBuffer.allocate(before.position() + length);
    message.put(before.flip()).putInt(length);
    from.readFully(message.array(), message.position(), message.remaining());
    return message;
  }

  private static String text(ByteBuffer message, int at) {
    byte[] text = new byte[afterText(message, at) - 1 - at];
    message.get(at, text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private static int afterText(ByteBuffer message, int at) {
    int end = at;
    while (message.get(end) != 0) {
      end++;
    }
    return end + 1;
  }
}
