#include "core/apps/gateway/session_cookie.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"

namespace pier::apps {
namespace {

std::string signature(std::string_view payload, std::string_view app, const Secret& key) {
  return base64url_encode(hmac_sha256(key.reveal(), std::string(app) + "|" + std::string(payload)));
}

} // namespace

std::string seal_session(const BrowserSession& session, const Secret& key) {
  const auto payload = "v1." + std::to_string(session.principal_id) + "." +
                       std::to_string(to_epoch_millis(session.expires)) + "." + session.id;
  return payload + "." + signature(payload, session.app, key);
}

std::optional<BrowserSession> open_session(std::string_view cookie, std::string_view app, const Secret& key,
                                           TimePoint now) {
  const auto last = cookie.rfind('.');
  if (last == std::string_view::npos ||
      !equal_constant_time(signature(cookie.substr(0, last), app, key), cookie.substr(last + 1))) {
    return std::nullopt;
  }
  const auto parts = split(cookie.substr(0, last), '.');
  BrowserSession session{.app = std::string(app)};
  std::int64_t expires = 0;
  if (parts.size() != 4 || parts[0] != "v1" || !parse_int64(parts[1], session.principal_id) ||
      !parse_int64(parts[2], expires)) {
    return std::nullopt;
  }
  session.id = parts[3];
  session.expires = from_epoch_millis(expires);
  return now < session.expires ? std::optional(std::move(session)) : std::nullopt;
}

} // namespace pier::apps
