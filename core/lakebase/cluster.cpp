#include "core/lakebase/cluster.hpp"

#include "core/base/files.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/lakebase/lakebase.hpp"
#include "core/lakebase/pg_connection.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace fs = std::filesystem;

namespace pier::lakebase {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view k_socket_name = ".s.PGSQL.5432";
constexpr std::string_view k_hba = "# written by pier: only the unix socket, whose folder is private\n"
                                   "local all all trust\n"
                                   "local replication pier_system trust\n";
constexpr std::uintmax_t k_max_log = 10ULL * 1024 * 1024;

Environment server_environment() {
  Environment env;
  const auto own = Environment::of_process();
  env.set("PATH", own.get("PATH").value_or("/usr/local/bin:/usr/bin:/bin"));
  env.set("LC_ALL", "C.UTF-8");
  env.set("TZ", "UTC");
  return env;
}

const std::vector<std::string>& server_settings() {
  // On the command line, so that an existing cluster follows a new version of pier.
  static const std::vector<std::string> settings = {
      "listen_addresses=",
      "unix_socket_directories=../socket", // relative to the data folder: never too long
      "unix_socket_permissions=0700",
      "port=5432",
      "wal_level=logical", // write-back
      "max_wal_senders=20",
      "max_replication_slots=20",
      "max_slot_wal_keep_size=4GB", // a dead consumer must not fill the disk
      "max_connections=200",
      "shared_buffers=128MB",
      "maintenance_work_mem=256MB",
      "max_wal_size=4GB",
      "password_encryption=scram-sha-256",
      "timezone=UTC",
      "log_timezone=UTC",
      "logging_collector=off",
      "log_destination=stderr",
      "log_line_prefix=%m [%p] %q%u@%d ",
  };
  return settings;
}

/// True if the process runs in this data folder, which postgres makes its working folder.
bool works_in(pid_t pid, const fs::path& data) {
  std::error_code code;
  const auto cwd = fs::read_symlink("/proc/" + std::to_string(pid) + "/cwd", code);
  return !code && cwd == fs::canonical(data, code);
}

bool ends_within(int pidfd, milliseconds limit) {
  pollfd entry{pidfd, POLLIN, 0};
  const auto deadline = steady_clock::now() + limit;
  while (true) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now()).count();
    const int ready = ::poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (ready >= 0 || errno != EINTR) {
      return ready > 0;
    }
  }
}

} // namespace

Cluster::Cluster(fs::path folder, fs::path bin, ChildStarter& starter)
    : folder_(fs::absolute(folder)),
      bin_(std::move(bin)),
      starter_(starter) {
  if (exists()) {
    choose_socket_path();
  }
}

bool Cluster::exists() const {
  std::error_code code;
  return fs::exists(folder_ / "data" / "PG_VERSION", code);
}

Result<int> Cluster::major() const {
  if (!exists()) {
    PIER_TRY_ASSIGN(const auto newest, PostgresInstall::find(bin_));
    return newest.major;
  }
  PIER_TRY_ASSIGN(const auto text, read_file(folder_ / "data" / "PG_VERSION"));
  std::int64_t major = 0;
  if (!parse_int64(trim(text), major)) {
    return Error{.kind = ErrorKind::invalid_state,
                 .code = "PIER8002",
                 .message = "the data folder " + (folder_ / "data").string() + " is damaged: PG_VERSION is no number"};
  }
  return static_cast<int>(major);
}

Result<PostgresInstall> Cluster::install() const {
  if (!exists()) {
    return PostgresInstall::find(bin_);
  }
  PIER_TRY_ASSIGN(const int version, major());
  return PostgresInstall::find_major(version, bin_);
}

Result<void> Cluster::create() {
  if (exists()) {
    return {};
  }
  PIER_TRY_ASSIGN(const auto server, PostgresInstall::find(bin_));
  const auto fresh = folder_ / "data.new";
  PIER_TRY(remove_tree(fresh));
  PIER_TRY(make_directories(folder_, 0700));
  PIER_TRY(make_directories(folder_ / "socket", 0700));
  PIER_TRY(make_reachable(folder_, server.user));
  PIER_TRY(make_reachable(folder_ / "socket", server.user));
  // Syncing is done once, below, for all files together.
  Command command{.argv = {(server.bin / "initdb").string(), "--pgdata=" + fresh.string(),
                           "--username=" + std::string(k_system_role), "--auth=trust", "--encoding=UTF8",
                           "--locale=C.UTF-8", "--no-sync", "--no-instructions"},
                  .env = server_environment(),
                  .cwd = folder_,
                  .user = server.user};
  PIER_TRY_ASSIGN(const auto output, run_captured(std::move(command)));
  if (!output.status.ok()) {
    return Error{.kind = ErrorKind::io,
                 .code = "PIER8004",
                 .message = "initdb fails: " + std::string(trim(output.standard_error)),
                 .hint = "see whether the disk is full: df -h " + folder_.string()};
  }
  PIER_TRY(write_file_atomically(fresh / "pg_hba.conf", k_hba, Durability::none));
  PIER_TRY(make_reachable(fresh / "pg_hba.conf", server.user)); // whatever our umask is
  const UniqueFd handle(::open(fresh.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!handle || ::syncfs(handle.get()) != 0) {
    return error_from_errno(errno, "cannot sync " + fresh.string());
  }
  std::error_code code;
  fs::rename(fresh, folder_ / "data", code);
  if (code) {
    return error_from_errno(code.value(), "cannot rename " + fresh.string());
  }
  choose_socket_path();
  return sync_directory(folder_);
}

Result<void> Cluster::start(milliseconds limit) {
  if (running()) {
    return {};
  }
  PIER_TRY_ASSIGN(const auto server, install());
  PIER_TRY(stop_leftover());
  PIER_TRY(launch(server));
  auto ready = wait_until_ready(limit);
  if (!ready) {
    process_.reset(); // kills it
  }
  return ready;
}

Result<void> Cluster::launch(const PostgresInstall& server) {
  const auto log_path = folder_ / "postgres.log";
  std::error_code code;
  const bool too_long = fs::file_size(log_path, code) > k_max_log && !code;
  const UniqueFd log(
      ::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (too_long ? O_TRUNC : 0), 0600));
  if (!log) {
    return error_from_errno(errno, "cannot write " + log_path.string());
  }
  Command command{.argv = {(server.bin / "postgres").string(), "-D", (folder_ / "data").string()},
                  .env = server_environment(),
                  .cwd = folder_,
                  .output_fd = log.get(),
                  .new_process_group = true,
                  .die_with_parent = true,
                  .death_signal = SIGINT, // fast shutdown, when pierd is killed
                  .user = server.user};
  for (const auto& setting : server_settings()) {
    command.argv.insert(command.argv.end(), {"-c", setting});
  }
  PIER_TRY_ASSIGN(process_, starter_.start(command));
  return {};
}

Result<void> Cluster::wait_until_ready(milliseconds limit) {
  const auto deadline = steady_clock::now() + limit;
  const auto target = connection("template1");
  std::error_code code;
  while (true) {
    // The wait between two tries ends early when the server dies.
    if (ends_within(process_->pidfd(), milliseconds(2))) {
      return Error{.kind = ErrorKind::unavailable,
                   .code = "PIER8004",
                   .message = "PostgreSQL does not start: " + log_tail(),
                   .hint = "read " + (folder_ / "postgres.log").string()};
    }
    if (fs::exists(socket_path_, code)) {
      if (const auto probe = PgConnection::connect(target)) {
        return {};
      }
    }
    if (steady_clock::now() >= deadline) {
      return Error{.kind = ErrorKind::unavailable,
                   .code = "PIER8004",
                   .message = "PostgreSQL does not answer within " + humanize(limit) + ": " + log_tail(),
                   .hint = "read " + (folder_ / "postgres.log").string()};
    }
  }
}

void Cluster::stop() {
  if (!running()) {
    return;
  }
  if (auto system = PgConnection::connect(connection("template1"))) {
    if (const auto done = system->execute("CHECKPOINT"); !done) {
      log::warn("lakebase", "event=checkpoint_failed error=" + done.error().to_string());
    }
  }
  for (const auto& [signal, limit] : {std::pair(SIGINT, milliseconds(10'000)), std::pair(SIGQUIT, milliseconds(5'000)),
                                      std::pair(SIGKILL, milliseconds(5'000))}) {
    process_->signal(signal);
    const auto status = process_->wait_for(limit);
    if (status && *status) {
      break;
    }
  }
  process_.reset();
}

bool Cluster::running() {
  if (!process_) {
    return false;
  }
  if (!ends_within(process_->pidfd(), milliseconds(0))) {
    return true;
  }
  if (const auto status = process_->wait()) {
    log::warn("lakebase", "event=server_ended folder=" + folder_.string() + " status=" + status->to_string());
  }
  process_.reset();
  return false;
}

Result<void> Cluster::stop_leftover() const {
  const auto text = read_file(folder_ / "data" / "postmaster.pid");
  std::int64_t number = 0;
  if (!text || !parse_int64(split(*text, '\n').front(), number) || number <= 1) {
    return {};
  }
  const auto pid = static_cast<pid_t>(number);
  const UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!handle || !works_in(pid, folder_ / "data")) {
    return {}; // the server itself removes a stale file
  }
  log::info("lakebase", "event=stop_leftover pid=" + std::to_string(pid));
  for (const auto& [signal, limit] : {std::pair(SIGINT, milliseconds(10'000)), std::pair(SIGQUIT, milliseconds(5'000)),
                                      std::pair(SIGKILL, milliseconds(5'000))}) {
    ::syscall(SYS_pidfd_send_signal, handle.get(), signal, nullptr, 0);
    if (ends_within(handle.get(), limit)) {
      return {};
    }
  }
  return Error{.kind = ErrorKind::invalid_state,
               .code = "PIER8004",
               .message = "a PostgreSQL server of an earlier daemon (process " + std::to_string(pid) + ") does not end",
               .hint = "kill -9 " + std::to_string(pid)};
}

std::string Cluster::log_tail() const {
  const auto text = read_file(folder_ / "postgres.log");
  if (!text) {
    return "it wrote no log";
  }
  const auto lines = split(trim(*text), '\n');
  // The reason is the last FATAL line; else whatever came last.
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    if (const auto at = line->find("FATAL:"); at != std::string::npos) {
      return std::string(trim(line->substr(at + 6)));
    }
  }
  return lines.back();
}

void Cluster::choose_socket_path() {
  socket_path_ = (folder_ / "socket" / k_socket_name).string();
  if (socket_path_.size() >= sizeof(sockaddr_un::sun_path)) {
    socket_folder_ = UniqueFd(::open((folder_ / "socket").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    socket_path_ = "/proc/self/fd/" + std::to_string(socket_folder_.get()) + "/" + std::string(k_socket_name);
  }
}

std::string Cluster::connection(std::string_view database) const {
  return "host=" + quote_conninfo(fs::path(socket_path_).parent_path().string()) +
         " port=5432 user=" + std::string(k_system_role) + " dbname=" + quote_conninfo(database) +
         " application_name=pier connect_timeout=10 client_encoding=UTF8";
}

} // namespace pier::lakebase
