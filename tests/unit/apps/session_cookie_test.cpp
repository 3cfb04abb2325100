#include "core/apps/gateway/session_cookie.hpp"

#include <doctest/doctest.h>

namespace pier::apps {

TEST_CASE("session cookie: opens with key, app and time that it was sealed for, and nothing else") {
  const Secret key("key");
  const auto now = from_epoch_millis(1'700'000'000'000);
  const BrowserSession session{.app = "shop", .principal_id = 7, .id = "abc", .expires = now + std::chrono::hours(1)};
  const auto cookie = seal_session(session, key);
  const auto opened = open_session(cookie, "shop", key, now);
  REQUIRE(opened);
  CHECK(opened->principal_id == 7);
  CHECK(opened->id == "abc");
  CHECK_FALSE(open_session(cookie, "other", key, now));
  CHECK_FALSE(open_session(cookie, "shop", Secret("other"), now));
  CHECK_FALSE(open_session(cookie, "shop", key, now + std::chrono::hours(2)));
  CHECK_FALSE(open_session("", "shop", key, now));
  CHECK_FALSE(open_session("v1.7.9.abc.", "shop", key, now));
  for (std::size_t i = 0; i < cookie.size(); ++i) {
    auto changed = cookie;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    INFO(i);
    CHECK_FALSE(open_session(changed, "shop", key, now));
  }
}

} // namespace pier::apps
