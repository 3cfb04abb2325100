#pragma once

#include "cli/console.hpp"
#include "core/deploy/observer.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

namespace pier::cli {

/// Says of a deployment what the official CLI says of it. Calls may come from several threads.
class BundleObserver final : public deploy::Observer {
 public:
  using Tell = std::function<void(const Error&)>;

  using ReportProblem = std::function<void(const Diagnostic&)>;

  /// `progress`: also what is going on; `tell` gets each failure of a resource, `report` what is wrong with the
  /// bundle.
  BundleObserver(Console& console, bool progress, Tell tell, ReportProblem report);

  void on_event(const deploy::Event& event) override;

  struct Files {
    std::size_t uploaded = 0;
    std::size_t removed = 0;
  };

  /// What the upload did; nothing before its end.
  [[nodiscard]] std::optional<Files> files() const { return files_; }

 private:
  void show_phase(const deploy::Event& event);

  Console& console_;
  bool progress_;
  Tell tell_;
  ReportProblem report_;
  std::optional<Files> files_;
};

} // namespace pier::cli
