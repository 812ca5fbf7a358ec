package dev.shardwright.bench.compare;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;

/** A socket that leads to a {@link CannedServer} in the same thread. */
final class CannedSocket extends Socket {
  private final CannedServer server = new CannedServer();
  private volatile boolean closed;

  @Override
  public void connect(SocketAddress endpoint, int timeout) {
    // There is nowhere to go.
  }

  @Override
  public boolean isConnected() {
    return true;
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized void close() {
    closed = true;
  }

  @Override
  public InputStream getInputStream() {
    return server.answers();
  }

  @Override
  public OutputStream getOutputStream() {
    return server.questions();
  }

  @Override
  public SocketAddress getRemoteSocketAddress() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 5432);
  }

  @Override
  public void setTcpNoDelay(boolean on) {
    // Nothing is delayed.
  }

  @Override
  public void setKeepAlive(boolean on) {
    // Nothing dies.
  }

  @Override
  public synchronized void setSoTimeout(int timeout) {
    // Every answer is there before it is read.
  }

  @Override
  public synchronized int getSoTimeout() {
    return 0;
  }

  @Override
  public synchronized int getSendBufferSize() {
    return 8192;
  }
}
