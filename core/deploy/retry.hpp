#pragma once

#include "core/base/result.hpp"
#include "core/deploy/observer.hpp"
#include "core/workspace_client/rest_client.hpp"

#include <functional>
#include <string>
#include <utility>

namespace pier::deploy {

/// Repeats calls that may be repeated, up to two times more, when the service failed for a reason that may
/// pass: 408 or 5xx, except those that the client itself tries again. Each repetition is told as a warning.
class Retry {
 public:
  /// `doing` begins the warnings: "planning resources.jobs.x".
  Retry(workspace_client::RestClient& client, Observer& observer, std::string doing)
      : client_(client),
        observer_(observer),
        doing_(std::move(doing)) {}

  template <class Call> auto operator()(const Call& call) const -> decltype(call()) {
    auto result = call();
    for (int repeat = 0; repeat < k_repeats && !result && may_pass(result.error()); ++repeat) {
      PIER_TRY(wait(result.error()));
      result = call();
    }
    return result;
  }

 private:
  static constexpr int k_repeats = 2;

  static bool may_pass(const Error& error);
  Result<void> wait(const Error& error) const;

  workspace_client::RestClient& client_;
  Observer& observer_;
  std::string doing_;
};

} // namespace pier::deploy
