#pragma once

#include "core/base/clock.hpp"
#include "core/base/secret.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pier::apps {

/// A browser's session with one app. Travels as a signed cookie; the server keeps only the ids of sessions that
/// were signed out before their end.
struct BrowserSession {
  std::string app;
  std::int64_t principal_id = 0;
  std::string id; ///< random
  TimePoint expires;
};

/// "v1.<principal>.<expires ms>.<id>.<HMAC-SHA256>"; the app's name is signed, not stored.
std::string seal_session(const BrowserSession& session, const Secret& key);

/// Nothing if it is forged, for another app, or over.
std::optional<BrowserSession> open_session(std::string_view cookie, std::string_view app, const Secret& key,
                                           TimePoint now);

} // namespace pier::apps
