#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pier::http {

/// Header fields in order; names compare without case.
class Headers {
 public:
  Headers() = default;

  Headers(std::initializer_list<std::pair<std::string, std::string>> fields)
      : fields_(fields) {}

  [[nodiscard]] std::optional<std::string> get(std::string_view name) const; ///< the first of that name

  [[nodiscard]] bool has(std::string_view name) const { return get(name).has_value(); }

  void set(std::string_view name, std::string value); ///< replaces all of that name
  void add(std::string_view name, std::string value);
  void remove(std::string_view name);

  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// Decoded query parameters in order.
class Query {
 public:
  Query() = default;
  static Query parse(std::string_view text); ///< broken escapes are kept as they are
  [[nodiscard]] std::optional<std::string> get(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> get_all(std::string_view name) const;
  [[nodiscard]] bool flag(std::string_view name) const; ///< "true"

  void add(std::string name, std::string value) { items_.emplace_back(std::move(name), std::move(value)); }

  [[nodiscard]] std::string to_string() const; ///< percent-encoded, without `?`

  [[nodiscard]] bool empty() const { return items_.empty(); }

 private:
  std::vector<std::pair<std::string, std::string>> items_;
};

/// A request as the server hands it to a route. Bodies above the server's memory limit are in body_file.
struct Request {
  std::string method;
  std::string path; ///< raw: still percent-encoded, without the query
  Query query;
  Headers headers;
  std::string body;
  std::filesystem::path body_file; ///< a temporary file, removed after the route returned
  std::string peer;                ///< "127.0.0.1"
  bool secure = false;             ///< came over TLS

  [[nodiscard]] std::string origin() const; ///< "http://host:port" by the Host header
};

/// Part of a file as a body; streamed, never loaded.
struct FileBody {
  std::filesystem::path path;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  std::optional<FileBody> file; ///< instead of body

  static Response json(int status, std::string body);
  static Response text(int status, std::string body);
  static Response html(int status, std::string body);
  static Response redirect(std::string location);
};

} // namespace pier::http
