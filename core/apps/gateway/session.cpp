#include "core/apps/gateway/session.ipp"

namespace pier::apps {
namespace {

constexpr auto k_linger = std::chrono::seconds(2);
constexpr auto k_trust_check = std::chrono::seconds(1); ///< how long a checked credential is not checked again
constexpr std::size_t k_max_known = 4096;

bool has_left(Socket& socket) {
  char byte = 0;
  const auto count = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
}

} // namespace

std::string_view reason_of(int status) {
  switch (status) {
  case 101: return "Switching Protocols";
  case 200: return "OK";
  case 302: return "Found";
  case 303: return "See Other";
  case 400: return "Bad Request";
  case 401: return "Unauthorized";
  case 403: return "Forbidden";
  case 404: return "Not Found";
  case 421: return "Misdirected Request";
  case 431: return "Request Header Fields Too Large";
  case 501: return "Not Implemented";
  case 502: return "Bad Gateway";
  case 503: return "Service Unavailable";
  case 505: return "HTTP Version Not Supported";
  default: return "";
  }
}

Task<void> Session::run(std::shared_ptr<Session> self) {
  // GCC 12 awaits in short-circuit conditions too eagerly: no co_await behind && and || in this file.
  bool go_on = true;
  while (go_on) {
    go_on = co_await self->read_head();
    if (go_on) {
      go_on = co_await self->serve();
    }
  }
  co_await self->say_goodbye();
}

void Session::tick(SteadyTime now) {
  if (now > deadline_ || (watch_client_ && client_.is_open() && has_left(client_))) {
    abort();
  }
}

void Session::end_stream() {
  if (streaming_) {
    abort();
  }
}

void Session::abort() {
  aborted_ = true;
  error_code ignored;
  client_.shutdown(tcp::socket::shutdown_both, ignored);
  client_.cancel(ignored);
  if (upstream_ != nullptr) {
    upstream_->socket.cancel(ignored);
  }
  changed_.cancel();
}

Task<bool> Session::read_head() {
  deadline_ = steady_clock::now() + engine_.options.idle_timeout;
  in_.shrink();
  std::size_t searched = 0;
  while (!aborted_) {
    const auto bytes = in_.view();
    head_size_ = find_head_end(bytes, searched);
    if (head_size_ > 0 && head_size_ <= Buffer::k_max_head) {
      deadline_ = SteadyTime::max();
      co_return true;
    }
    searched = bytes.size();
    if (in_.full()) {
      co_await reply(431, "text/plain", "the head of the request is larger than 64 KiB\n", {}, false);
      co_return false;
    }
    if (!co_await read_more(client_, in_)) {
      co_return false;
    }
    if (searched == 0) {
      deadline_ = steady_clock::now() + engine_.options.head_timeout;
    }
  }
  co_return false;
}

Task<bool> Session::read_more(Socket& socket, Buffer& buffer) {
  const auto room = buffer.room();
  const auto [failed, count] = co_await socket.async_read_some(asio::buffer(room.data, room.size), k_await);
  buffer.commit(failed ? 0 : count);
  co_return !failed;
}

Task<bool> Session::reply(int status, std::string_view type, std::string body, Fields fields, bool keep) {
  const bool clean = keep && head_.body == BodyKind::none && !aborted_;
  std::string out = "HTTP/1.1 " + std::to_string(status) + " " + std::string(reason_of(status)) + "\r\n";
  for (const auto& [name, value] : fields) {
    out += name + ": " + value + "\r\n";
  }
  if (!body.empty()) {
    out.append("Content-Type: ").append(type).append("\r\n");
  }
  out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  out += clean ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  if (head_.method != "HEAD") {
    out += body;
  }
  in_.consume(head_size_);
  head_size_ = 0;
  const bool written = co_await write_client(asio::buffer(out));
  co_return written&& clean;
}

Task<bool> Session::reply_page(const GatewayPage& page, Fields fields) {
  fields.emplace_back("Cache-Control", "no-store");
  if (page.refresh_seconds > 0) {
    fields.emplace_back("Retry-After", std::to_string(page.refresh_seconds));
  }
  const bool html = is_navigation();
  return reply(page.status, html ? "text/html; charset=utf-8" : "application/json",
               html ? to_html(page) : to_json(page), std::move(fields), head_.keep_alive);
}

bool Session::is_navigation() const {
  if (head_.method != "GET" || head_.upgrades_to_websocket) {
    return false;
  }
  const auto mode = head_.get("sec-fetch-mode");
  return mode.empty() ? head_.get("accept").find("text/html") != std::string_view::npos : mode == "navigate";
}

Task<bool> Session::serve() {
  if (const auto problem = scan_request(in_.view().substr(0, head_size_), head_)) {
    co_return co_await reply(problem.status, "text/plain", std::string(problem.reason) + "\n", {}, false);
  }
  if (!app_->accepts_host(head_.host)) {
    const auto page = wrong_host();
    co_return co_await reply_page(page);
  }
  if (is_own_path(head_.path())) {
    co_return co_await serve_own();
  }
  if (head_.upgrades_to_websocket && !head_.get("origin").empty() && !app_->accepts_origin(head_.get("origin"))) {
    const auto page = wrong_origin();
    co_return co_await reply_page(page);
  }
  const auto visitor = co_await authenticate();
  if (!visitor) {
    co_return co_await refuse(visitor.error());
  }
  if (head_.path() == "/logz" || head_.path() == "/logz/stream") {
    co_return co_await serve_logs(*visitor);
  }
  if (const auto page = co_await await_app()) {
    co_return aborted_ ? false : co_await reply_page(*page);
  }
  co_return co_await forward(*visitor);
}

GatewayPage Session::wrong_host() const {
  return {.status = 421,
          .code = "WRONG_HOST",
          .title = "no app answers under this host name",
          .message = "This port serves the app " + app_->name + " as 127.0.0.1, localhost or " + app_->name +
                     ".localhost only."};
}

GatewayPage Session::wrong_origin() {
  return {.status = 403,
          .code = "WRONG_ORIGIN",
          .title = "this WebSocket comes from another site",
          .message = "Only pages of this app may open its WebSockets."};
}

GatewayPage Session::waking_up() const {
  return {.status = 503,
          .code = "APP_STARTING",
          .title = app_->name + " is waking up",
          .message = "It was asleep because nobody used it. This page looks again by itself.",
          .refresh_seconds = 1};
}

GatewayPage Session::no_logs() const {
  return {.status = 403,
          .code = "PERMISSION_DENIED",
          .title = "you may not see the logs of " + app_->name,
          .message = "CAN_MANAGE on the app is needed."};
}

GatewayPage Session::not_a_websocket() {
  return {.status = 400,
          .code = "BAD_REQUEST",
          .title = "the log stream is a WebSocket",
          .message = "Ask for /logz to see it in a browser."};
}

OwnRequest Session::own_request() const {
  return {.method = std::string(head_.method),
          .path = std::string(head_.path()),
          .query = std::string(head_.query()),
          .origin = std::string(head_.get("origin")),
          .host = std::string(head_.host),
          .session = std::string(cookie_value(head_, app_->cookie_name()))};
}

Task<bool> Session::serve_own() {
  const auto request = own_request();
  std::set<std::string> signed_out;
  const auto work = [this, &request, &signed_out] { return answer_own(engine_, *app_, request, signed_out); };
  const auto answer = co_await on_worker(engine_, work);
  engine_.revoked.insert(signed_out.begin(), signed_out.end());
  if (!signed_out.empty()) {
    engine_.known.clear();
  }
  co_return co_await reply(answer->status, answer->type, answer->body, answer->fields, head_.keep_alive);
}

Task<Result<Visitor>> Session::authenticate() {
  const auto now = steady_clock::now();
  const auto cookie = cookie_value(head_, app_->cookie_name());
  const auto session = open_session(cookie, app_->name, engine_.options.session_key, engine_.clock.now());
  const auto token = bearer_token();
  if ((!session || engine_.revoked.contains(session->id)) && token.empty()) {
    co_return Error{.kind = ErrorKind::unauthenticated,
                    .code = "UNAUTHENTICATED",
                    .message = "this app asks who you are",
                    .hint = "pier open " + app_->name};
  }
  const auto key = app_->name + (token.empty() ? " c " + std::string(cookie) : " t " + std::string(token));
  if (const auto known = engine_.known.find(key); known != engine_.known.end() && now < known->second.until) {
    co_return known->second.visitor;
  }
  const std::string secret(token);
  const auto work = [this, &session, &secret] {
    return secret.empty() ? engine_.host.visitor_by_id(app_->name, session->principal_id)
                          : engine_.host.visitor_by_token(app_->name, secret);
  };
  const auto checked = co_await on_worker(engine_, work);
  if (*checked) {
    if (engine_.known.size() > k_max_known) {
      engine_.known.clear();
    }
    engine_.known.insert_or_assign(key, Engine::Known{.visitor = **checked, .until = now + k_trust_check});
  }
  co_return *checked;
}

std::string_view Session::bearer_token() const {
  const auto path = head_.path();
  const auto value = head_.get("authorization");
  if ((!path.starts_with("/api/") && path != "/logz/stream") || value.size() < 8 ||
      !equals_ignore_case(value.substr(0, 7), "bearer ")) {
    return {};
  }
  return trim(value.substr(7));
}

Task<bool> Session::refuse(const Error& error) {
  if (error.kind == ErrorKind::unauthenticated && is_navigation()) {
    const auto to = "/.pier/sign-in?to=" + percent_encode(safe_return_path(head_.target), true);
    return reply(302, "text/plain", "", {{"Location", to}, {"Cache-Control", "no-store"}}, head_.keep_alive);
  }
  GatewayPage page{.status = error.kind == ErrorKind::unauthenticated ? 401 : 403,
                   .code = error.kind == ErrorKind::unauthenticated ? "UNAUTHENTICATED" : "PERMISSION_DENIED",
                   .title =
                       error.kind == ErrorKind::unauthenticated ? "not signed in" : "you may not use " + app_->name,
                   .message = error.message,
                   .command = error.hint};
  Fields fields;
  if (page.status == 401) {
    if (!head_.get("authorization").empty() && bearer_token().empty()) {
      page.message += "; bearer tokens are accepted on /api/ paths only, as on Databricks";
    }
    fields.emplace_back("WWW-Authenticate", "Bearer realm=\"" + app_->name + "\"");
  } else if (error.kind != ErrorKind::permission_denied) {
    page.status = 502;
    page.code = "INTERNAL_ERROR";
    page.title = app_->name + " cannot be served";
  }
  return reply_page(page, std::move(fields));
}

Task<bool> Session::serve_logs(const Visitor& visitor) {
  if (!visitor.can_manage) {
    const auto page = no_logs();
    co_return co_await reply_page(page);
  }
  if (head_.path() == "/logz") {
    co_return co_await reply(200, "text/html; charset=utf-8", logs_html(app_->name), {}, head_.keep_alive);
  }
  if (!head_.upgrades_to_websocket || head_.get("sec-websocket-key").empty()) {
    const auto page = not_a_websocket();
    co_return co_await reply_page(page);
  }
  const auto out = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Accept: " +
                   websocket_accept(head_.get("sec-websocket-key")) + "\r\n\r\n";
  in_.consume(head_size_);
  if (co_await write_client(asio::buffer(out))) {
    start_log_stream(engine_, app_, client_.release(), std::string(in_.view()));
  }
  aborted_ = true;
  co_return false;
}

Task<std::optional<GatewayPage>> Session::await_app() {
  const auto began = steady_clock::now();
  std::optional<GatewayPage> page;
  while (app_->open && !aborted_) {
    const auto phase = app_->route.phase;
    if (phase == Phase::running) {
      co_return page;
    }
    if (phase != Phase::asleep && phase != Phase::starting) {
      break;
    }
    if (phase == Phase::asleep && !app_->wake_asked) {
      app_->wake_asked = true;
      engine_.host.wake(app_->name);
    }
    const auto limit = is_navigation() ? engine_.options.page_after : engine_.options.wake_timeout;
    const auto left = began + limit - steady_clock::now();
    if (left <= std::chrono::milliseconds(0) || app_->waiting_now >= engine_.options.max_waiting) {
      page = waking_up();
      co_return page;
    }
    co_await wait_for_change(left);
  }
  page.emplace();
  if (!aborted_) {
    const auto work = [this] { return engine_.host.describe(app_->name); };
    page = *co_await on_worker(engine_, work);
  }
  co_return page;
}

Task<void> Session::wait_for_change(steady_clock::duration limit) {
  ++app_->waiting_now;
  app_->waiting.store(app_->waiting_now, std::memory_order_relaxed);
  watch_client_ = head_.body == BodyKind::none;
  changed_.expires_after(limit);
  co_await changed_.async_wait(k_await);
  watch_client_ = false;
  --app_->waiting_now;
  app_->waiting.store(app_->waiting_now, std::memory_order_relaxed);
}

Task<void> Session::say_goodbye() {
  if (aborted_) {
    co_return;
  }
  deadline_ = steady_clock::now() + k_linger;
  error_code ignored;
  client_.shutdown(tcp::socket::shutdown_send, ignored);
  std::size_t drained = 0;
  while (!aborted_ && drained < Buffer::k_large) {
    in_.clear();
    if (!co_await read_more(client_, in_)) {
      break;
    }
    drained += in_.view().size();
  }
}

void start_session(Engine& engine, std::shared_ptr<AppEntry> app, int client, std::string peer) {
  if (app->pool == nullptr) {
    app->pool = std::make_shared<UpstreamPool>();
  }
  auto session = std::make_shared<Session>(engine, std::move(app), client, std::move(peer));
  asio::co_spawn(engine.io, Session::run(std::move(session)), asio::detached);
}

} // namespace pier::apps
