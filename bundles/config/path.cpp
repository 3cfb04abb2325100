#include "bundles/config/path.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <limits>

namespace pier::bundles {

std::string PathNode::to_string() const {
  if (parent == nullptr && !is_index) {
    return std::string(key);
  }
  std::string text = parent == nullptr ? std::string() : parent->to_string();
  if (is_index) {
    return text + "[" + std::to_string(index) + "]";
  }
  return text.empty() ? std::string(key) : text + "." + std::string(key);
}

std::vector<PathStep> parse_path(std::string_view text) {
  std::vector<PathStep> steps;
  while (!text.empty()) {
    if (text.front() == '.') {
      text.remove_prefix(1);
    } else if (text.front() == '[') {
      const auto close = std::min(text.find(']'), text.size());
      std::int64_t index = 0;
      const bool fits = parse_int64(text.substr(1, close - 1), index) && index >= 0;
      steps.push_back({{}, fits ? static_cast<std::size_t>(index) : std::numeric_limits<std::size_t>::max(), true});
      text.remove_prefix(std::min(close + 1, text.size()));
    } else {
      const auto end = std::min(text.find_first_of(".["), text.size());
      steps.push_back({std::string(text.substr(0, end)), 0, false});
      text.remove_prefix(end);
    }
  }
  return steps;
}

const Value* find_by_path(const Value& root, const std::vector<PathStep>& path) {
  const Value* value = &root;
  for (const auto& step : path) {
    if (step.is_index) {
      value = value->is_list() && step.index < value->as_list().size() ? &value->as_list()[step.index] : nullptr;
    } else {
      value = value->find(step.key);
    }
    if (value == nullptr) {
      return nullptr;
    }
  }
  return value;
}

void for_each_match(Value& root, std::string_view pattern, const VisitMatch& visit, const PathNode& base,
                    const VisitMatch& misfit) {
  if (pattern.empty()) {
    visit(root, base);
    return;
  }
  if (pattern.front() == '.') {
    pattern.remove_prefix(1);
  }
  if (pattern.substr(0, 3) == "[*]") {
    if (root.is_list()) {
      for (std::size_t i = 0; i < root.as_list().size(); ++i) {
        for_each_match(root.as_list()[i], pattern.substr(3), visit, below(base, i), misfit);
      }
    }
    return;
  }
  const auto end = std::min(pattern.find_first_of(".["), pattern.size());
  const auto key = pattern.substr(0, end);
  if (key == "*") {
    if (root.is_map()) {
      for (auto& entry : root.as_map().entries()) {
        for_each_match(entry.value, pattern.substr(end), visit, below(base, entry.key), misfit);
      }
    }
  } else if (Value* member = root.find(key)) {
    for_each_match(*member, pattern.substr(end), visit, below(base, key), misfit);
  } else if (misfit && !root.is_map() && !root.is_nil()) {
    misfit(root, below(base, key));
  }
}

std::string clean_path(const std::filesystem::path& path) {
  auto text = path.lexically_normal().generic_string();
  if (text.size() > 1 && text.ends_with('/')) {
    text.pop_back();
  }
  return text.empty() ? "." : text;
}

} // namespace pier::bundles
