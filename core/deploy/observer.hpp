#pragma once

#include "core/base/diagnostics.hpp"
#include "core/base/error.hpp"

#include <chrono>
#include <string>

namespace pier::deploy {

/// Something that a person may want to see while a deploy runs.
struct Event {
  enum class Type {
    phase,         ///< a new phase begins: text says which
    step_started,  ///< subject (a resource, a file) is being worked on: text is the verb ("create")
    step_finished, ///< it worked: text is the verb in the past ("created")
    step_failed,   ///< it did not: text is the reason
    progress,      ///< done of total (files of an upload)
    line,          ///< one line of what a resource reports (job state, build message)
    uploaded,      ///< the files are in the workspace: done uploaded, total removed
    warning,
    trouble, ///< what a log says before the error that ends the command
    problem, ///< something about the bundle that only the workspace could tell
  };

  Type type = Type::line;
  std::string subject; ///< "jobs.nightly"
  std::string text;
  const Error* error = nullptr;        ///< step_failed: the whole of it; only while the call lasts
  const Diagnostic* problem = nullptr; ///< only while the call lasts
  std::size_t done = 0;
  std::size_t total = 0;
  std::chrono::milliseconds took{0};
};

/// Hears about progress; called from several threads, must not block for long. Rendering is cli's.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_event(const Event& event) = 0;
};

/// For callers that do not care.
class SilentObserver final : public Observer {
 public:
  void on_event(const Event&) override {}
};

} // namespace pier::deploy
