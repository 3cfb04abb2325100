#include "core/http/message.hpp"

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace pier::http {
namespace {

/// Decoded; a text with broken escapes stays as it is.
std::string decode_value(std::string_view text) {
  auto decoded = percent_decode(text, true);
  return decoded ? std::move(decoded).value() : std::string(text);
}

Response with_type(int status, std::string type, std::string body) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", std::move(type));
  response.body = std::move(body);
  return response;
}

} // namespace

std::optional<std::string> Headers::get(std::string_view name) const {
  for (const auto& [field, value] : fields_) {
    if (equals_ignore_case(field, name)) {
      return value;
    }
  }
  return std::nullopt;
}

void Headers::set(std::string_view name, std::string value) {
  remove(name);
  add(name, std::move(value));
}

void Headers::add(std::string_view name, std::string value) {
  fields_.emplace_back(std::string(name), std::move(value));
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const auto& field) { return equals_ignore_case(field.first, name); });
}

Query Query::parse(std::string_view text) {
  Query query;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto item = text.substr(0, end);
    if (!item.empty()) {
      const auto equals = std::min(item.find('='), item.size());
      const auto value = equals < item.size() ? item.substr(equals + 1) : std::string_view();
      query.add(decode_value(item.substr(0, equals)), decode_value(value));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return query;
}

std::optional<std::string> Query::get(std::string_view name) const {
  for (const auto& [key, value] : items_) {
    if (key == name) {
      return value;
    }
  }
  return std::nullopt;
}

std::vector<std::string> Query::get_all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : items_) {
    if (key == name) {
      values.push_back(value);
    }
  }
  return values;
}

bool Query::flag(std::string_view name) const {
  const auto value = get(name);
  return value && equals_ignore_case(*value, "true");
}

std::string Query::to_string() const {
  std::string text;
  for (const auto& [key, value] : items_) {
    if (!text.empty()) {
      text += '&';
    }
    text += percent_encode(key);
    text += '=';
    text += percent_encode(value);
  }
  return text;
}

std::string Request::origin() const {
  return (secure ? "https://" : "http://") + headers.get("Host").value_or("");
}

Response Response::json(int status, std::string body) {
  return with_type(status, "application/json", std::move(body));
}

Response Response::text(int status, std::string body) {
  return with_type(status, "text/plain; charset=utf-8", std::move(body));
}

Response Response::html(int status, std::string body) {
  return with_type(status, "text/html; charset=utf-8", std::move(body));
}

Response Response::redirect(std::string location) {
  Response response;
  response.status = 302;
  response.headers.add("Location", std::move(location));
  return response;
}

} // namespace pier::http
