package dev.shardwright.rebalance;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.zookeeper.ZooDefs.OpCode;

/** What a client and ZooKeeper say to each other. An effect is a write that was not refused. */
final class ZooKeeperDialogue implements EffectProxy.Dialogue {
  private static final Set<Integer> WRITES =
      Set.of(
          OpCode.create,
          OpCode.delete,
          OpCode.setData,
          OpCode.multi,
          OpCode.create2,
          OpCode.createContainer,
          OpCode.createTTL);
  private static final Pattern PATH = Pattern.compile("/[\\p{Graph}]+");
  private static final Pattern STATE = Pattern.compile("\"state\":\"\\w+\"");

  private final Map<Integer, String> writes = new ConcurrentHashMap<>();
  private boolean greeted;
  private boolean answered;

  @Override
  public ByteBuffer request(DataInputStream from) throws IOException {
    ByteBuffer message = message(from);
    if (greeted) {
      int exchange = message.getInt(4);
      if (WRITES.contains(message.getInt(8))) {
        writes.put(exchange, text(message));
      }
    }
    greeted = true;
    return message;
  }

  @Override
  public EffectProxy.Answer answer(DataInputStream from) throws IOException {
    ByteBuffer message = message(from);
    Optional<String> effect = Optional.empty();
    if (answered) {
      String write = writes.remove(message.getInt(4));
      effect = Optional.ofNullable(write).filter(done -> message.getInt(16) == 0);
    }
    answered = true;
    return new EffectProxy.Answer(message, effect, Optional.empty());
  }

  private static ByteBuffer message(DataInputStream from) throws IOException {
    int length = from.readInt();
    ByteBuffer message = ByteBuffer.allocate(4 + length);
    message.putInt(length);
    from.readFully(message.array(), 4, length);
    return message;
  }

  /** Its path, and the state of a migration if it is about one. */
  private static String text(ByteBuffer message) {
    byte[] all = new byte[message.capacity() - 12];
    message.get(12, all);
    String text = new String(all, StandardCharsets.UTF_8);
    return Stream.of(PATH, STATE)
        .map(pattern -> pattern.matcher(text))
        .filter(Matcher::find)
        .map(Matcher::group)
        .collect(Collectors.joining(" "));
  }
}
