// Speaks with the daemon.

const TOKEN = "shardwright.token";
const READ_MILLIS = 10_000;
const WORK_MILLIS = 120_000; // a plan samples every shard

/** An answer other than success, or none at all: then the status is 0. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The token of this tab; empty if there is none. */
export function token() {
  return sessionStorage.getItem(TOKEN) ?? "";
}

/** Keeps a token for this tab, or forgets it if it is empty. */
export function useToken(value) {
  if (value === "") {
    sessionStorage.removeItem(TOKEN);
  } else {
    sessionStorage.setItem(TOKEN, value);
  }
}

/** Reads; fails with an ApiError. */
export function read(path) {
  return call(path, { method: "GET" }, READ_MILLIS);
}

/** Reads what takes the daemon some time. */
export function readLong(path) {
  return call(path, { method: "GET" }, WORK_MILLIS);
}

/** Asks for a change. */
export function change(path, body = {}) {
  const options = { method: "POST", body: JSON.stringify(body) };
  return call(path, options, WORK_MILLIS, { "Content-Type": "application/json" });
}

/** What /health says; an answer that the daemon is not well is an answer. */
export async function health() {
  try {
    return await read("health");
  } catch (e) {
    if (e instanceof ApiError && e.answer?.status) {
      return e.answer;
    }
    throw e;
  }
}

async function call(path, options, millis, headers = {}) {
  if (token() !== "") {
    headers.Authorization = `Bearer ${token()}`;
  }
  let response;
  let text;
  try {
    response = await fetch(path, { ...options, headers, signal: AbortSignal.timeout(millis) });
    text = await response.text();
  } catch (e) {
    throw new ApiError(0, e.name === "TimeoutError"
      ? `The daemon did not answer within ${millis / 1000} s`
      : "The daemon cannot be reached");
  }
  const answer = parse(text);
  if (!response.ok) {
    const error = new ApiError(response.status, answer?.error ?? `The daemon answered ${response.status} to ${path}`);
    error.answer = answer;
    throw error;
  }
  if (answer === null) {
    throw new ApiError(response.status, `The daemon's answer to ${path} is not JSON`);
  }
  return answer;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a proxy's page, say; the caller tells
  }
}
