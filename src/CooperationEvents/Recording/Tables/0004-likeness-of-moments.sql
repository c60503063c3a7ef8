create table recording.likeness_of_moments (
    one boolean primary key default true check (one)
);
