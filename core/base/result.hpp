#pragma once

#include "core/base/error.hpp"

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace pier {

/// A value or an Error. Member names follow std::expected (C++23), so that it can replace this.
template <class T> class [[nodiscard]] Result {
 public:
  using value_type = T; // `return value;`, `return Error{};`: NOLINTBEGIN(google-explicit-constructor)

  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}

  Result(Error error)
      : state_(std::in_place_index<1>, std::move(error)) {} // NOLINTEND(google-explicit-constructor)

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }

  explicit operator bool() const noexcept { return has_value(); }

  [[nodiscard]] T& value() & { return std::get<0>(state_); }

  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }

  [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }

  T& operator*() & { return value(); }

  const T& operator*() const& { return value(); }

  T&& operator*() && { return std::move(*this).value(); }

  T* operator->() { return &value(); }

  const T* operator->() const { return &value(); }

  [[nodiscard]] Error& error() & { return std::get<1>(state_); }

  [[nodiscard]] const Error& error() const& { return std::get<1>(state_); }

  [[nodiscard]] Error&& error() && { return std::get<1>(std::move(state_)); }

  template <class U> [[nodiscard]] T value_or(U&& fallback) const& {
    return has_value() ? value() : static_cast<T>(std::forward<U>(fallback));
  }

  /// The same result, with what was being done added to an error.
  [[nodiscard]] Result context(std::string what) && {
    if (has_value()) {
      return std::move(*this);
    }
    return std::move(error()).with_context(std::move(what));
  }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value, or an Error.
template <> class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;

  Result(Error error) // NOLINT(google-explicit-constructor)
      : error_(std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return !error_.has_value(); }

  explicit operator bool() const noexcept { return has_value(); }

  void value() const noexcept {}

  [[nodiscard]] Error& error() & { return *error_; }

  [[nodiscard]] const Error& error() const& { return *error_; }

  [[nodiscard]] Error&& error() && { return *std::move(error_); }

  [[nodiscard]] Result context(std::string what) && {
    if (has_value()) {
      return {};
    }
    return std::move(*error_).with_context(std::move(what));
  }

 private:
  std::optional<Error> error_;
};

} // namespace pier

#define PIER_CONCAT_(a, b) a##b
#define PIER_CONCAT(a, b) PIER_CONCAT_(a, b)

/// Returns the error of a Result from the enclosing function; for results whose value is not needed.
#define PIER_TRY(expression)                                                                                           \
  do {                                                                                                                 \
    if (auto pier_result = (expression); !pier_result) {                                                               \
      return std::move(pier_result).error();                                                                           \
    }                                                                                                                  \
  } while (false)

/// PIER_TRY_ASSIGN(auto text, read_file(path)); declares, assigns or returns the error. NOLINTBEGIN(*-parentheses)
#define PIER_TRY_ASSIGN(target, expression)                                                                            \
  auto PIER_CONCAT(pier_result_, __LINE__) = (expression);                                                             \
  if (!PIER_CONCAT(pier_result_, __LINE__)) {                                                                          \
    return std::move(PIER_CONCAT(pier_result_, __LINE__)).error();                                                     \
  }                                                                                                                    \
  target = std::move(PIER_CONCAT(pier_result_, __LINE__)).value() // NOLINTEND(*-parentheses)
