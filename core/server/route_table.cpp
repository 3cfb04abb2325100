#include "core/server/route_table.hpp"

#include "core/base/text.hpp"

#include <stdexcept>

namespace pier::server {
namespace {

const Route* find_method(const std::map<std::string, Route, std::less<>>& routes, std::string_view method) {
  const auto found = routes.find(method);
  return found == routes.end() ? nullptr : &found->second;
}

bool is_parameter(std::string_view part) {
  return part.size() > 2 && part.front() == '{' && part.back() == '}';
}

[[noreturn]] void refuse_pattern(const std::string& method, std::string_view pattern, const char* why) {
  throw std::logic_error("route " + method + " " + std::string(pattern) + ": " + why);
}

} // namespace

void RouteTable::add(const std::string& method, std::string_view pattern, Route route) {
  if (!pattern.starts_with('/')) {
    refuse_pattern(method, pattern, "a pattern begins with /");
  }
  Node* node = &root_;
  bool is_rest = false;
  const auto parts = pattern == "/" ? std::vector<std::string>() : split(pattern.substr(1), '/');
  for (const auto& part : parts) {
    if (is_rest) {
      refuse_pattern(method, pattern, "{rest...} must be the last part");
    }
    if (!is_parameter(part)) {
      auto& next = node->literals[part];
      next = next ? std::move(next) : std::make_unique<Node>();
      node = next.get();
      continue;
    }
    auto name = part.substr(1, part.size() - 2);
    is_rest = name.ends_with("...");
    if (is_rest) {
      name.resize(name.size() - 3);
    } else {
      node->parameter = node->parameter ? std::move(node->parameter) : std::make_unique<Node>();
      node = node->parameter.get();
    }
    route.names.push_back(std::move(name));
  }
  auto& routes = is_rest ? node->rest : node->routes;
  if (!routes.emplace(method, std::move(route)).second) {
    refuse_pattern(method, pattern, "there is one already");
  }
}

const Route* RouteTable::search(const Node& node, std::string_view method, std::string_view path,
                                std::vector<std::string_view>& values) {
  if (path.empty() || path == "/") {
    return find_method(node.routes, method);
  }
  const auto below = path.substr(1);
  const auto end = std::min(below.find('/'), below.size());
  const auto part = below.substr(0, end);
  const auto after = below.substr(end);
  if (const auto literal = node.literals.find(part); literal != node.literals.end()) {
    if (const auto* route = search(*literal->second, method, after, values)) {
      return route;
    }
  }
  if (node.parameter && !part.empty()) {
    values.push_back(part);
    if (const auto* route = search(*node.parameter, method, after, values)) {
      return route;
    }
    values.pop_back();
  }
  const auto* route = find_method(node.rest, method);
  if (route != nullptr) {
    values.push_back(below);
  }
  return route;
}

std::optional<RouteMatch> RouteTable::find(std::string_view method, std::string_view path) const {
  RouteMatch match;
  match.route = search(root_, method, path, match.values);
  if (match.route == nullptr && method == "HEAD") {
    match.values.clear();
    match.route = search(root_, "GET", path, match.values);
  }
  if (match.route == nullptr) {
    return std::nullopt;
  }
  return match;
}

} // namespace pier::server
