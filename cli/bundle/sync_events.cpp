#include "cli/bundle/sync_events.hpp"

#include "cli/console.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace pier::cli {

struct SyncEventWriter::Lists {
  std::string text; ///< "PUT: a, b, DELETE: c"
  std::vector<std::string> put;
  std::vector<std::string> removed;

  static Lists of(const deploy::SyncChanges& changes) {
    Lists lists{.text = {}, .put = changes.upload, .removed = changes.remove};
    std::sort(lists.put.begin(), lists.put.end());
    std::sort(lists.removed.begin(), lists.removed.end());
    std::vector<std::string> parts;
    if (!lists.put.empty()) {
      parts.push_back("PUT: " + join(lists.put, ", "));
    }
    if (!lists.removed.empty()) {
      parts.push_back("DELETE: " + join(lists.removed, ", "));
    }
    lists.text = join(parts, ", ");
    return lists;
  }
};

SyncEventWriter::SyncEventWriter(Context& context, std::string format, bool dry_run)
    : context_(context),
      format_(std::move(format)),
      dry_run_(dry_run) {}

void SyncEventWriter::on_begin(const deploy::SyncChanges& changes) {
  if (is_told(changes)) {
    const auto lists = Lists::of(changes);
    tell(lists.text.empty() ? std::string() : "Action: " + lists.text, event("start", lists));
  }
}

void SyncEventWriter::on_step(Action action, const std::string& name, bool done) {
  auto json = event("progress", {});
  json["action"] = action == Action::put ? "put" : "delete";
  json["path"] = name;
  json["progress"] = done ? 1 : 0;
  tell(done ? (action == Action::put ? "Uploaded " : "Deleted ") + name : std::string(), json);
}

void SyncEventWriter::on_end(const deploy::SyncChanges& changes) {
  if (is_told(changes)) {
    tell(number_ == 0 ? "Initial Sync Complete" : "Complete", event("complete", Lists::of(changes)));
    ++number_;
  }
}

/// The first sync is told even if there is nothing to do.
bool SyncEventWriter::is_told(const deploy::SyncChanges& changes) const {
  return number_ == 0 || !changes.empty();
}

Json SyncEventWriter::event(const char* type, const Lists& lists) const {
  auto json = Json::object({{"timestamp", to_rfc3339(context_.clock.now())}, {"seq", number_}, {"type", type}});
  if (dry_run_) {
    json["dry_run"] = true;
  }
  if (!lists.put.empty()) {
    json["put"] = Json::strings(lists.put);
  }
  if (!lists.removed.empty()) {
    json["delete"] = Json::strings(lists.removed);
  }
  return json;
}

void SyncEventWriter::tell(const std::string& text, const Json& json) {
  const std::lock_guard lock(mutex_);
  if (format_ == "json") {
    context_.console.out(json.dump() + "\n");
  } else if (format_ == "text" && !text.empty()) {
    context_.console.out(text + "\n");
  }
}

} // namespace pier::cli
