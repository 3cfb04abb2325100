#include "core/http/connection.hpp"

#include "core/base/log.hpp"

#include <exception>
#include <vector>

namespace pier::http {

void Connections::add(Connection& connection) {
  const bool first = all_.empty();
  all_.insert(&connection);
  ++open_;
  if (draining_) {
    connection.drain();
  } else if (first) {
    on_first();
  }
}

void Connections::remove(Connection& connection) {
  all_.erase(&connection);
  --open_;
  if (draining_ && all_.empty()) {
    on_all_ended();
  }
}

template <class Visit> void Connections::for_each(const Visit& visit) {
  // Closing a socket completes its operations later, yet a copy makes that no matter of luck.
  const std::vector<Connection*> copy(all_.begin(), all_.end());
  for (auto* connection : copy) {
    if (all_.contains(connection)) {
      visit(*connection);
    }
  }
}

void Connections::check_all(std::chrono::steady_clock::time_point now) {
  for_each([&](Connection& connection) { connection.check(now); });
}

void Connections::drain_all() {
  draining_ = true;
  for_each([](Connection& connection) { connection.drain(); });
}

void Connections::abort_all() {
  for_each([](Connection& connection) { connection.abort(); });
}

Response handle_safely(Dispatcher& dispatcher, const Request& request) {
  try {
    return dispatcher.handle(request);
  } catch (const std::exception& exception) {
    log::error("http", "event=route_threw path=" + request.path + " what=" + exception.what());
    return dispatcher.protocol_error(500, "internal error: " + std::string(exception.what()));
  }
}

Request take_request(RequestHead& head, const std::string& peer, bool secure) {
  Request request;
  request.method = std::move(head.method);
  request.path = std::move(head.path);
  request.query = std::move(head.query);
  request.headers = std::move(head.headers);
  request.peer = peer;
  request.secure = secure;
  return request;
}

Response body_refusal(Dispatcher& dispatcher, const Error& error) {
  switch (error.kind) {
  case ErrorKind::invalid_argument: return dispatcher.protocol_error(400, error.message);
  case ErrorKind::unavailable: return dispatcher.protocol_error(408, error.message);
  case ErrorKind::too_large: return dispatcher.protocol_error(413, error.message);
  default: return dispatcher.protocol_error(500, error.message);
  }
}

} // namespace pier::http
