#pragma once

#include "core/apps/gateway/http_head.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace pier::apps {

/// Who visits an app, as the app is told (facts: apps-runtime 3).
struct Visitor {
  std::int64_t principal_id = 0;
  std::string user_id;      ///< X-Forwarded-User: stable
  std::string user_name;    ///< X-Forwarded-Preferred-Username
  std::string email;        ///< X-Forwarded-Email
  std::string access_token; ///< X-Forwarded-Access-Token; empty: the app has no user scopes
  bool can_manage = false;
};

/// Every cookie of the gateway starts with this; apps neither see nor set them.
inline constexpr std::string_view k_cookie_prefix = "pier_session_";

/// The head that the app gets: the visitor's fields without hop-by-hop ones, without Authorization, gateway
/// cookies and anything that claims an identity (also spelled with `_`, also named in Connection), plus the
/// gateway's own identity fields.
std::string upstream_head(const RequestHead& head, const Visitor& visitor, std::string_view peer,
                          std::string_view request_id);

/// The head that the visitor gets: without hop-by-hop fields and without cookies in the gateway's name.
std::string downstream_head(const ResponseHead& head, bool keep_alive);

/// Value of a cookie in a Cookie field; empty when it is not there.
std::string_view cookie_value(const RequestHead& head, std::string_view name);

} // namespace pier::apps
