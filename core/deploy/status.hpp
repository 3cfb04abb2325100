#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/deploy/deployer.hpp"

#include <string>
#include <vector>

namespace pier::deploy {

struct AppStatus {
  std::string key; ///< in the bundle
  std::string name;
  std::string state; ///< "RUNNING", "CRASHED", "STOPPED", "ASLEEP", "not deployed" …
  std::string message;
  std::string url;
  std::vector<std::string> users; ///< who may use it, as "group users (CAN_USE)"
  std::string deployed_at;        ///< the active deployment, RFC 3339
};

struct DatabaseStatus {
  std::string key;
  std::string name;
  std::string state;
  std::string host;
  std::string version;
};

struct SyncedTableStatus {
  std::string key;
  std::string name;
  std::string source;
  std::string state;
  std::string message;
  std::string version; ///< Delta version that PostgreSQL has
  std::string synced_at;
  std::string lag; ///< behind the source, for people; empty when unknown
};

/// A PostgreSQL table whose changes go back to Delta.
struct WriteBackStatus {
  std::string table;
  std::string target;
  std::string state;
  std::string lag; ///< from the change to the history table, of the last one
};

struct JobStatus {
  std::string key;
  std::string name;
  std::int64_t id = 0;
  std::string last_result; ///< "SUCCESS", "RUNNING" …; empty: never ran
  std::string last_start;  ///< RFC 3339
  std::string url;
};

struct OtherStatus {
  std::string key;
  std::string id;
};

struct TargetStatus {
  std::string last_deploy; ///< RFC 3339; empty: never
  std::vector<AppStatus> apps;
  std::vector<DatabaseStatus> databases;
  std::vector<SyncedTableStatus> synced_tables;
  std::vector<WriteBackStatus> write_backs;
  std::vector<JobStatus> jobs;
  std::vector<OtherStatus> others;
  std::vector<std::string> not_deployed; ///< in the bundle only

  [[nodiscard]] Json to_json() const;
};

/// Asks the workspace about everything that was deployed to a target, several questions at a time.
Result<TargetStatus> read_status(Session& session);

} // namespace pier::deploy
