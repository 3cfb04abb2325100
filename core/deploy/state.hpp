#pragma once

#include "core/base/fd.hpp"
#include "core/base/json.hpp"
#include "core/base/result.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace pier::deploy {

/// An edge as plan and state record it.
struct Dependency {
  std::string node;  ///< "resources.schemas.s"
  std::string label; ///< "${resources.schemas.s.name}"

  auto operator<=>(const Dependency&) const = default;
};

Json dependencies_to_json(const std::vector<Dependency>& dependencies);
std::vector<Dependency> dependencies_from_json(const Json* list);

/// What was deployed for one node.
struct DeployedResource {
  std::string id;
  Json state;
  std::vector<Dependency> depends_on;

  bool operator==(const DeployedResource&) const = default;
};

/// `resources.json` in the layout of the official direct engine (facts: bundles 9), with its write-ahead
/// record `resources.json.wal`. While it is open for writing every success goes to the record at once;
/// `finish` folds it in. After a crash the next `open` does. Writing is thread-safe.
class State {
 public:
  /// An absent file is an empty state. Folds in what an interrupted deploy left. Errors PIER2021, PIER2022.
  static Result<State> open(const std::filesystem::path& path);
  /// Parses without touching files.
  static Result<State> parse(std::string_view text, const std::filesystem::path& path);

  [[nodiscard]] const std::string& lineage() const { return lineage_; }

  [[nodiscard]] std::int64_t serial() const { return serial_; }

  /// As of `open`, not what was saved since.
  [[nodiscard]] const std::map<std::string, DeployedResource>& resources() const { return resources_; }

  [[nodiscard]] const DeployedResource* find(const std::string& key) const;
  /// The current id, also while writing; empty if there is none.
  [[nodiscard]] std::string id_of(const std::string& key) const;

  /// True when `open` found work of an interrupted deploy.
  [[nodiscard]] bool was_recovered() const { return recovered_; }

  /// What a person should hear about the file: damaged lines of the record, a newer writer.
  [[nodiscard]] const std::vector<std::string>& remarks() const { return remarks_; }

  /// The lineage, made now if there is none: what is named after the deployment needs it before the first write.
  const std::string& settle_lineage();

  Result<void> begin_writing();
  /// Written before the workspace is asked to make a node, in `resources.json.intents` beside the state (the record
  /// itself has the official layout).
  Result<void> intend(const std::string& key);

  /// The workspace refused: nothing was made. What is neither saved nor withdrawn stays an intent after `finish`.
  void withdraw(const std::string& key);

  /// True when a deploy that did not end had intended to make it.
  [[nodiscard]] bool is_unfinished(const std::string& key) const { return unfinished_.contains(key); }

  Result<void> save(const std::string& key, const DeployedResource& resource);
  Result<void> erase(const std::string& key);
  /// Folds the record into the file and removes it. A record without entries leaves the file as it was.
  Result<void> finish();

  [[nodiscard]] std::string to_text() const;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  static Result<State> decode(std::string_view text, const std::filesystem::path& path);
  Result<void> migrate();
  Result<void> fold_in();
  Result<bool> apply_record(std::string_view text);
  void apply_line(const Json& line);
  void put_aside(const std::vector<std::string>& damaged);
  Result<void> append(const std::string& line);
  void read_intents();
  [[nodiscard]] std::filesystem::path record_path() const;
  [[nodiscard]] std::filesystem::path intents_path() const;

  std::filesystem::path path_;
  std::string lineage_;
  std::int64_t serial_ = 0;
  std::int64_t version_ = 2;
  Json features_;
  std::string cli_version_;
  std::map<std::string, DeployedResource> resources_;
  std::map<std::string, std::string> ids_;
  std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();
  UniqueFd record_;
  UniqueFd intents_;
  std::set<std::string> unfinished_;
  std::set<std::string> intended_;
  bool recovered_ = false;
  std::vector<std::string> remarks_;
};

} // namespace pier::deploy
