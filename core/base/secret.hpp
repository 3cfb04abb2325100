#pragma once

#include <string>
#include <utility>

namespace pier {

/// A text that must not reach logs, plans or argv: no formatter, no stream operator, wiped at the end.
class Secret {
 public:
  Secret() = default;

  explicit Secret(std::string value)
      : value_(std::move(value)) {}

  Secret(const Secret&) = default;
  Secret(Secret&&) noexcept = default;
  Secret& operator=(const Secret&) = default;
  Secret& operator=(Secret&&) noexcept = default;
  ~Secret();

  /// The one door to the text; name it where you use it.
  [[nodiscard]] const std::string& reveal() const { return value_; }

  [[nodiscard]] bool is_empty() const { return value_.empty(); }

 private:
  std::string value_;
};

} // namespace pier
