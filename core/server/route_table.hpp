#pragma once

#include "core/server/api.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace pier::server {

struct Route {
  std::variant<JsonRoute, RawRoute, PublicRoute> action;
  http::Cost cost = http::Cost::quick;
  std::vector<std::string> names; ///< of the pattern's parameters, in order
};

/// A route that fits a path, with the raw texts of its parameters in order.
struct RouteMatch {
  const Route* route = nullptr;
  std::vector<std::string_view> values; ///< views of the path that was asked for
};

/// Method and raw path → route. A literal part wins over a parameter, a parameter over a "{rest...}".
/// Patterns are the program's own: a wrong or doubled one throws std::logic_error at start.
class RouteTable {
 public:
  void add(const std::string& method, std::string_view pattern, Route route);

  /// HEAD falls back to GET. Nothing when no route fits; a trailing slash does not matter.
  [[nodiscard]] std::optional<RouteMatch> find(std::string_view method, std::string_view path) const;

 private:
  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> parameter;
    std::map<std::string, Route, std::less<>> routes; ///< by method, for a path that ends here
    std::map<std::string, Route, std::less<>> rest;   ///< by method, for any path below
  };

  static const Route* search(const Node& node, std::string_view method, std::string_view path,
                             std::vector<std::string_view>& values);

  Node root_;
};

} // namespace pier::server
