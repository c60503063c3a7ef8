create table recording.likeness_folded (
    one boolean primary key default true check (one)
);
