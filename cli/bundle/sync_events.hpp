#pragma once

#include "cli/command.hpp"
#include "core/deploy/file_sync.hpp"

#include <mutex>
#include <string>

namespace pier::cli {

/// Tells the events of a sync on stdout: as "text", as one "json" object a line, or, in no format, not at all.
class SyncEventWriter final : public deploy::SyncListener {
 public:
  SyncEventWriter(Context& context, std::string format, bool dry_run);

  void on_begin(const deploy::SyncChanges& changes) override;
  void on_step(Action action, const std::string& name, bool done) override;
  void on_end(const deploy::SyncChanges& changes) override;

 private:
  struct Lists;

  [[nodiscard]] bool is_told(const deploy::SyncChanges& changes) const;
  [[nodiscard]] Json event(const char* type, const Lists& lists) const;
  void tell(const std::string& text, const Json& json);

  Context& context_;
  std::string format_;
  bool dry_run_;
  std::mutex mutex_;
  std::int64_t number_ = 0; ///< of the sync
};

} // namespace pier::cli
