#include "core/base/environment.hpp"

#include <unistd.h>

namespace pier {

Environment Environment::of_process() {
  Map values;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (const auto equals = text.find('='); equals != std::string_view::npos) {
      values.insert_or_assign(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
    }
  }
  return Environment(std::move(values));
}

std::optional<std::string> Environment::get(std::string_view name) const {
  const auto it = values_.find(name);
  if (it == values_.end() || it->second.empty()) {
    return std::nullopt;
  }
  return it->second;
}

void Environment::unset(std::string_view name) {
  if (const auto it = values_.find(name); it != values_.end()) {
    values_.erase(it);
  }
}

} // namespace pier
