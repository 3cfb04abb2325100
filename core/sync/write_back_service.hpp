#pragma once

#include "core/base/guarded.hpp"
#include "core/catalog/catalog.hpp"
#include "core/identity/identity.hpp"
#include "core/lake/lake.hpp"
#include "core/lakebase/lakebase.hpp"
#include "core/store/database.hpp"
#include "core/sync/write_back_consumer.hpp"

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace pier::sync {

/// Runs a WriteBackConsumer for each database of each instance that is awake, and remembers in SQLite which
/// instances were not drained when they went down, so that the next daemon wakes them.
class WriteBackService {
 public:
  struct Rooms {
    store::Database& database;
    identity::Identity& identity;
    catalog::Catalog& catalog;
    lake::Lake& lake;
    lakebase::Lakebase& lakebase;
    /// Catalog that a database's history tables go to.
    std::function<std::string(const std::string& instance, const std::string& database)> catalog_of;
    std::chrono::milliseconds interval;
  };

  explicit WriteBackService(Rooms rooms);
  ~WriteBackService();
  WriteBackService(const WriteBackService&) = delete;
  WriteBackService& operator=(const WriteBackService&) = delete;

  /// Takes up instances that are awake, and wakes those with rows that may have been left behind.
  Result<void> start();

  void on_awake(const std::string& instance);
  void before_sleep(const std::string& instance); ///< returns when everything is in the lake and nobody is connected
  void forget(const std::string& instance);

  std::vector<WriteBackStatus> status(std::string_view instance);

 private:
  using Consumers = std::map<std::string, std::unique_ptr<WriteBackConsumer>>;

  struct Watch {
    std::string instance;
    std::string uid;
    Guarded<Consumers> consumers;
    std::jthread thread; ///< looks for databases
  };

  void watch(Watch& watch, const std::stop_token& stop);
  Result<void> look(Watch& watch);
  Result<bool> has_tables(const std::string& instance, const std::string& database);
  void add(Watch& watch, const std::string& database, bool permanent);
  Result<model::TableName> history_name(const std::string& instance, const std::string& database,
                                        const HistoryRows& rows);
  void set_pending(const std::string& instance, bool pending);

  Rooms rooms_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Watch>, std::less<>> watches_;
  Guarded<std::set<std::string>> schemas_; ///< known to be there: "main.app"
  std::jthread waker_;
};

} // namespace pier::sync
