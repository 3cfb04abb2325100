#include "core/apps/gateway/identity_fields.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace pier::apps {
namespace {

constexpr std::array<std::string_view, 7> k_hop_by_hop = {
    "connection", "keep-alive", "proxy-connection", "te", "upgrade", "proxy-authorization", "proxy-authenticate"};

/// Framing must reach the app as it was read, whatever Connection names.
constexpr std::array<std::string_view, 5> k_never_by_connection = {"host", "content-length", "transfer-encoding",
                                                                   "trailer", "expect"};

/// WSGI and CGI map both `-` and `_` to `_`: a name is compared as if it were written with `-`.
std::string folded(std::string_view name) {
  auto text = to_lower(name);
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

bool claims_identity(std::string_view name) {
  return name.starts_with("x-forwarded-") || name.starts_with("x-databricks-") || name == "x-real-ip" ||
         name == "x-request-id" || name == "forwarded" || name == "authorization";
}

template <std::size_t Size> bool is_one_of(std::string_view name, const std::array<std::string_view, Size>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// What the head's Connection fields name, comma-separated and folded.
std::string named_in_connection(const RequestHead& head) {
  std::string list;
  for (const auto& field : head.fields) {
    if (equals_ignore_case(field.name, "connection")) {
      list += folded(field.value) + ",";
    }
  }
  return list;
}

void add(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  // Values come from the identity store: a line break in a display name must not become a field.
  for (const char c : value) {
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  out += "\r\n";
}

/// Calls on_cookie(name, whole) for each pair of a Cookie field.
template <class OnCookie> void each_cookie(std::string_view field, const OnCookie& on_cookie) {
  while (!field.empty()) {
    const auto semicolon = field.find(';');
    const auto pair = trim(field.substr(0, semicolon));
    on_cookie(trim(pair.substr(0, pair.find('='))), pair);
    field = semicolon == std::string_view::npos ? std::string_view() : field.substr(semicolon + 1);
  }
}

void add_cookies(std::string& out, const Field& field) {
  std::string kept;
  each_cookie(field.value, [&](std::string_view name, std::string_view pair) {
    if (!name.starts_with(k_cookie_prefix) && !pair.empty()) {
      kept.append(kept.empty() ? "" : "; ").append(pair);
    }
  });
  if (!kept.empty()) {
    add(out, field.name, kept);
  }
}

} // namespace

std::string upstream_head(const RequestHead& head, const Visitor& visitor, std::string_view peer,
                          std::string_view request_id) {
  const auto listed = named_in_connection(head);
  std::string out;
  out.reserve(2048);
  out.append(head.method).append(" ").append(head.target);
  out.append(head.minor_version == 0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
  for (const auto& field : head.fields) {
    const auto name = folded(field.name);
    const bool disguised_framing = is_one_of(name, k_never_by_connection) && field.name.find('_') != field.name.npos;
    if (is_one_of(name, k_hop_by_hop) || claims_identity(name) || disguised_framing ||
        (has_word(listed, name) && !is_one_of(name, k_never_by_connection))) {
      continue;
    }
    if (name == "cookie") {
      add_cookies(out, field);
    } else {
      out.append(field.name).append(": ").append(field.value).append("\r\n");
    }
  }
  if (head.upgrades_to_websocket) {
    out += "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  } else if (head.minor_version == 1) {
    out += "Connection: keep-alive\r\n";
  }
  add(out, "X-Forwarded-Host", head.host);
  add(out, "X-Forwarded-Proto", "http");
  add(out, "X-Forwarded-For", peer);
  add(out, "X-Real-Ip", peer);
  add(out, "X-Request-Id", request_id);
  add(out, "X-Forwarded-User", visitor.user_id);
  add(out, "X-Forwarded-Email", visitor.email);
  add(out, "X-Forwarded-Preferred-Username", visitor.user_name);
  if (!visitor.access_token.empty()) {
    add(out, "X-Forwarded-Access-Token", visitor.access_token);
  }
  out += "\r\n";
  return out;
}

std::string downstream_head(const ResponseHead& head, bool keep_alive) {
  std::string out;
  out.reserve(1024);
  out.append("HTTP/1.1 ").append(std::to_string(head.status)).append(" ").append(head.reason).append("\r\n");
  for (const auto& field : head.fields) {
    const auto name = to_lower(field.name);
    if ((is_one_of(name, k_hop_by_hop) && !(name == "upgrade" && head.status == 101)) ||
        (name == "set-cookie" && trim(field.value).starts_with(k_cookie_prefix))) {
      continue;
    }
    out.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  if (head.status == 101) {
    out += "Connection: Upgrade\r\n";
  } else if (head.status >= 200) {
    out += keep_alive ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
  }
  out += "\r\n";
  return out;
}

std::string_view cookie_value(const RequestHead& head, std::string_view name) {
  std::string_view value;
  for (const auto& field : head.fields) {
    if (!equals_ignore_case(field.name, "cookie")) {
      continue;
    }
    each_cookie(field.value, [&](std::string_view cookie, std::string_view pair) {
      if (cookie == name && pair.find('=') != std::string_view::npos) {
        value = trim(pair.substr(pair.find('=') + 1));
      }
    });
  }
  return value;
}

} // namespace pier::apps
