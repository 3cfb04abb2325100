#include "core/sync/write_back_service.hpp"

#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/lakebase/pg_connection.hpp"

#include <algorithm>

namespace pier::sync {
namespace {

constexpr std::chrono::seconds k_look_interval{2};

/// A PostgreSQL name as a part of a Unity Catalog name.
std::string name_part(std::string_view text) {
  std::string out = to_lower(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'); },
      '_');
  return out;
}

} // namespace

WriteBackService::WriteBackService(Rooms rooms)
    : rooms_(std::move(rooms)) {}

WriteBackService::~WriteBackService() {
  waker_ = {};
  std::vector<std::string> names;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, watch] : watches_) {
      names.push_back(name);
    }
  }
  for (const auto& name : names) {
    before_sleep(name);
  }
}

Result<void> WriteBackService::start() {
  PIER_TRY_ASSIGN(const auto instances, rooms_.lakebase.instances());
  for (const auto& instance : instances) {
    if (!instance.asleep) {
      on_awake(instance.name);
    }
  }
  PIER_TRY_ASSIGN(const auto rows, rooms_.database.query("SELECT instance FROM sync_write_back WHERE pending = 1"));
  std::vector<std::string> left_behind;
  for (const auto& row : rows) {
    left_behind.push_back(row.text(0));
  }
  if (!left_behind.empty()) {
    waker_ = std::jthread([this, left_behind](const std::stop_token& stop) {
      for (const auto& name : left_behind) {
        if (stop.stop_requested()) {
          return;
        }
        if (const auto woken = rooms_.lakebase.ensure_awake(name); !woken) {
          log::warn("sync", "event=wake_failed instance=" + name + " error=" + woken.error().to_string());
        }
      }
    });
  }
  return {};
}

void WriteBackService::on_awake(const std::string& instance) {
  const auto known = rooms_.lakebase.instance(instance);
  if (!known) {
    return;
  }
  const std::lock_guard lock(mutex_);
  if (watches_.contains(instance)) {
    return;
  }
  auto watch = std::make_shared<Watch>();
  watch->instance = instance;
  watch->uid = known->uid;
  watches_.emplace(instance, watch);
  watch->thread = std::jthread([this, raw = watch.get()](const std::stop_token& stop) { this->watch(*raw, stop); });
}

void WriteBackService::before_sleep(const std::string& instance) {
  std::shared_ptr<Watch> watch;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = watches_.find(instance); found != watches_.end()) {
      watch = found->second;
      watches_.erase(found);
    }
  }
  if (!watch) {
    return;
  }
  watch->thread = {}; // joins
  bool drained = true;
  auto consumers = watch->consumers.lock();
  for (const auto& [database, consumer] : *consumers) {
    consumer->stop();
    drained = drained && consumer->drained();
  }
  consumers->clear();
  if (drained) {
    set_pending(instance, false);
  }
}

void WriteBackService::forget(const std::string& instance) {
  before_sleep(instance);
  [[maybe_unused]] const auto ignored =
      rooms_.database.execute("DELETE FROM sync_write_back WHERE instance = ?", {instance});
}

std::vector<WriteBackStatus> WriteBackService::status(std::string_view instance) {
  std::shared_ptr<Watch> watch;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = watches_.find(instance); found != watches_.end()) {
      watch = found->second;
    }
  }
  std::vector<WriteBackStatus> out;
  if (watch) {
    auto consumers = watch->consumers.lock();
    for (const auto& [database, consumer] : *consumers) {
      auto part = consumer->status();
      out.insert(out.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
    }
  }
  return out;
}

void WriteBackService::watch(Watch& watch, const std::stop_token& stop) {
  add(watch, std::string(lakebase::k_default_database), true);
  const StopSignal signal(stop);
  while (!stop.stop_requested()) {
    if (const auto looked = look(watch); !looked) {
      log::debug("sync", "event=look_failed instance=" + watch.instance + " error=" + looked.error().to_string());
    }
    wait_readable({signal.fd()}, static_cast<int>(std::chrono::milliseconds(k_look_interval).count()));
  }
}

Result<void> WriteBackService::look(Watch& watch) {
  PIER_TRY_ASSIGN(const auto target, rooms_.lakebase.system_connection(watch.instance, "postgres"));
  std::vector<std::string> names;
  {
    PIER_TRY_ASSIGN(auto connection, lakebase::PgConnection::connect(target));
    PIER_TRY_ASSIGN(const auto rows,
                    connection.query("SELECT datname FROM pg_database WHERE NOT datistemplate AND datallowconn AND "
                                     "datname <> 'postgres'"));
    for (std::size_t row = 0; row < rows.size(); ++row) {
      names.push_back(rows.text(row, 0));
    }
  }
  for (const auto& name : names) {
    {
      auto consumers = watch.consumers.lock();
      if (const auto found = consumers->find(name); found != consumers->end()) {
        if (!found->second->ended()) {
          continue;
        }
        consumers->erase(found);
      }
    }
    // Others than the default one are looked at from time to time only: a standing connection would keep their
    // owner from dropping them.
    PIER_TRY_ASSIGN(const bool wanted, has_tables(watch.instance, name));
    if (wanted) {
      add(watch, name, false);
    }
  }
  return {};
}

Result<bool> WriteBackService::has_tables(const std::string& instance, const std::string& database) {
  PIER_TRY_ASSIGN(const auto target, rooms_.lakebase.system_connection(instance, database));
  PIER_TRY_ASSIGN(auto connection, lakebase::PgConnection::connect(target));
  PIER_TRY_ASSIGN(const auto there, connection.query("SELECT to_regclass('pier.write_back_tables') IS NOT NULL"));
  if (there.text(0, 0) != "t") {
    return false;
  }
  PIER_TRY_ASSIGN(const auto rows, connection.query("SELECT 1 FROM pier.write_back_tables LIMIT 1"));
  return !rows.empty();
}

void WriteBackService::add(Watch& watch, const std::string& database, bool permanent) {
  const auto target = rooms_.lakebase.system_connection(watch.instance, database);
  if (!target) {
    return;
  }
  const auto instance = watch.instance;
  WriteBackTarget settings{
      .instance = instance,
      .cluster_id = watch.uid,
      .database = database,
      .conninfo = *target,
      .history_name = [this, instance,
                       database](const HistoryRows& rows) { return history_name(instance, database, rows); },
      .owner = [this] { return rooms_.identity.owner(); },
      .on_streaming = [this, instance] { set_pending(instance, true); },
      .permanent = permanent,
      .interval = rooms_.interval};
  auto consumer = std::make_unique<WriteBackConsumer>(std::move(settings), rooms_.lake);
  watch.consumers.lock()->insert_or_assign(database, std::move(consumer));
}

Result<model::TableName> WriteBackService::history_name(const std::string& instance, const std::string& database,
                                                        const HistoryRows& rows) {
  model::TableName name{.catalog = rooms_.catalog_of(instance, database),
                        .schema = name_part(rows.schema),
                        .table = history_table_name(name_part(rows.table))};
  const auto key = name.catalog + "." + name.schema;
  if (schemas_.lock()->contains(key)) {
    return name;
  }
  PIER_TRY_ASSIGN(const bool there, rooms_.catalog.schema_exists(name.catalog, name.schema));
  if (!there) {
    PIER_TRY_ASSIGN(const auto owner, rooms_.identity.owner());
    const auto made = rooms_.catalog.create_schema(owner, name.catalog, name.schema, "");
    if (!made && made.error().kind != ErrorKind::already_exists) {
      return made.error();
    }
  }
  schemas_.lock()->insert(key);
  return name;
}

void WriteBackService::set_pending(const std::string& instance, bool pending) {
  const auto done = rooms_.database.execute("INSERT INTO sync_write_back (instance, pending) VALUES (?1, ?2) ON "
                                            "CONFLICT (instance) DO UPDATE SET pending = ?2",
                                            {instance, std::int64_t{pending}});
  if (!done) {
    log::warn("sync", "event=pending_not_stored error=" + done.error().to_string());
  }
}

} // namespace pier::sync
