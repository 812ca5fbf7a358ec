package dev.shardwright.router.internal.pool;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;

/**
 * A socket whose waits are ended by a {@link SocketWatch} rather than by a timeout of each read. As
 * thread-safe as a socket.
 *
 * <p>A JDK socket that has once read, or on newer JDKs connected, with a timeout asks the kernel
 * three times for each answer from then on: is it there, tell me when it is, give it to me. Without
 * one it asks once, which is some percent of a point select. So the timeout is kept beside: a wait
 * says when it is overdue, and the watch closes the socket if it still lasts by then. Whoever
 * waited gets the {@link SocketTimeoutException} that the JDK's timeout would have given.
 *
 * <p>After that the connection is gone. So it must be when the answer to a question is missing, but
 * not when one only listens, as for notifications. The driver then sets a timeout and reads without
 * sending anything in between: such a read has the JDK's timeout. So have timeouts of less than
 * {@value #WATCHED_MILLIS} ms, with which it only looks whether something is there.
 */
final class WatchedSocket extends Socket {
  /** The shortest timeout that is watched. */
  static final int WATCHED_MILLIS = 1_000;

  /** A write of more is many writes, each with the whole timeout. */
  private static final int WRITE_BYTES = 1 << 16;

  private final SocketWatch watch;

  private final Deadline receiving = new Deadline();
  private final Deadline sending = new Deadline();

  private volatile int timeoutMillis;

  /** Whether something was sent since the timeout was set. */
  private volatile boolean asked;

  WatchedSocket(SocketWatch watch) {
    this.watch = watch;
  }

  @Override
  public void connect(SocketAddress endpoint, int timeout) throws IOException {
    if (timeout < WATCHED_MILLIS) {
      super.connect(endpoint, timeout);
      return;
    }
    long due = sending.begin(watch.deadline(timeout));
    try {
      super.connect(endpoint, 0);
    } catch (IOException e) {
      throw sending.failed(due, e);
    }
    sending.end(due);
  }

  @Override
  public synchronized void setSoTimeout(int timeout) throws SocketException {
    super.setSoTimeout(timeout < WATCHED_MILLIS ? timeout : 0);
    timeoutMillis = timeout;
    asked = false;
  }

  @Override
  public synchronized int getSoTimeout() {
    return timeoutMillis;
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return new Answers(super.getInputStream());
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return new Questions(super.getOutputStream());
  }

  @Override
  public synchronized void close() throws IOException {
    watch.forget(this);
    super.close();
  }

  /** Closes the socket if somebody has waited too long; for the watch. */
  void endIfOverdue(long now) throws IOException {
    if (receiving.isOverdue(now) || sending.isOverdue(now)) {
      close();
    }
  }

  /** Whether somebody waits under the watch. */
  boolean isWatched() {
    return receiving.isSet() || sending.isSet();
  }

  private final class Answers extends FilterInputStream {
    Answers(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int timeout = timeoutMillis;
      if (timeout < WATCHED_MILLIS) {
        return in.read(target, offset, length);
      }
      if (asked) {
        return receiveWatched(timeout, target, offset, length);
      }
      WatchedSocket.super.setSoTimeout(timeout);
      try {
        return in.read(target, offset, length);
      } finally {
        if (!isClosed()) {
          WatchedSocket.super.setSoTimeout(0);
        }
      }
    }

    private int receiveWatched(int timeout, byte[] target, int offset, int length)
        throws IOException {
      long due = receiving.begin(watch.deadline(timeout));
      int count;
      try {
        count = in.read(target, offset, length);
      } catch (IOException e) {
        throw receiving.failed(due, e);
      }
      receiving.end(due);
      return count;
    }
  }

  private final class Questions extends FilterOutputStream {
    Questions(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
      asked = true;
      int timeout = timeoutMillis;
      if (timeout < WATCHED_MILLIS) {
        out.write(source, offset, length);
        return;
      }
      int end = offset + length;
      for (int from = offset; from < end; from += WRITE_BYTES) {
        sendWatched(timeout, source, from, Math.min(WRITE_BYTES, end - from));
      }
    }

    private void sendWatched(int timeout, byte[] source, int offset, int length)
        throws IOException {
      long due = sending.begin(watch.deadline(timeout));
      try {
        out.write(source, offset, length);
      } catch (IOException e) {
        throw sending.failed(due, e);
      }
      sending.end(due);
    }
  }
}
